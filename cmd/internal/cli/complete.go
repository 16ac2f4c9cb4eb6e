package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/zones"
)

// completionTimeout is how long somebody who presses the tab key waits for an API server at most.
const completionTimeout = 3 * time.Second

const choices = "floorkeeper.dev/choices"

// Choices sets the values that a flag has, for completion.
func Choices(flags *pflag.FlagSet, name string, values ...string) {
	flag := flags.Lookup(name)
	if flag.Annotations == nil {
		flag.Annotations = map[string][]string{}
	}
	flag.Annotations[choices] = values
}

// CompleteFlags lets the shell complete the values of the flags of all commands below root. Flags of the same name are
// completed alike.
func CompleteFlags(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		CompleteFlags(cmd)
	}
	if root.ValidArgsFunction == nil && !root.HasSubCommands() {
		root.ValidArgsFunction = cobra.NoFileCompletions
	}
	root.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.NoOptDefVal == "" { // else it needs no value
			_ = root.RegisterFlagCompletionFunc(flag.Name, valuesOf(flag)) // each has one
		}
	})
}

func valuesOf(flag *pflag.Flag) cobra.CompletionFunc {
	if values := flag.Annotations[choices]; values != nil {
		return offer(func(*question) []string { return values })
	}
	if find := finderOf(flag.Name); find != nil {
		return offer(find)
	}
	switch flag.Name {
	case "hpas":
		return CompleteManifests
	case "schedule", "file", "edit-of":
		return CompleteSchedules
	case clientcmd.RecommendedConfigPathFlag, clientcmd.FlagCAFile, clientcmd.FlagCertFile, clientcmd.FlagKeyFile:
		return nil // any file
	default:
		return cobra.NoFileCompletions
	}
}

// finderOf returns what finds the values of a flag that a command line or a cluster leads to, or nil.
func finderOf(flag string) func(*question) []string {
	switch flag {
	case clientcmd.FlagContext, clientcmd.FlagClusterName, clientcmd.FlagAuthInfoName:
		return func(q *question) []string { return q.kubeconfig(flag) }
	case "namespace", "namespaces", flagExclude, flagNamespace:
		return (*question).namespaces
	case flagConfigMap, "schedule-configmap":
		return (*question).configMaps
	case "hpa":
		return (*question).hpas
	case "tz", "time-zone":
		return func(*question) []string { return slices.Collect(zones.Names()) }
	case "ignore":
		return func(*question) []string { return ignorable() }
	default:
		return nil
	}
}

// CompleteSchedules offers schedule files and directories.
func CompleteSchedules(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// CompleteManifests offers manifests and directories.
func CompleteManifests(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}

// CompleteHPAs offers the names of HPAs.
func CompleteHPAs(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return offer((*question).hpas)(cmd, args, word)
}

// CompleteEvents offers the names of the events in the file that is edited.
func CompleteEvents(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return offer(func(*question) (names []string) {
		paths, _ := cmd.Flags().GetStringArray("file")
		for _, file := range ReadSchedule(slices.DeleteFunc(paths, func(path string) bool { return path == "-" }), nil).Files {
			if schedule, err := config.Parse(file); err == nil {
				for _, event := range schedule.Events() {
					names = append(names, event.Name)
				}
			}
		}
		return names
	})(cmd, args, word)
}

// offer completes words from what a command line leads to. The last of a list with commas is completed.
func offer(find func(*question) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
		defer cancel()
		before := word[:strings.LastIndexByte(word, ',')+1]
		var found []cobra.Completion
		for _, value := range find(&question{ctx, cmd, args}) {
			if strings.HasPrefix(before+value, word) {
				found = append(found, before+value)
			}
		}
		slices.Sort(found)
		return slices.Compact(found), cobra.ShellCompDirectiveNoFileComp
	}
}
