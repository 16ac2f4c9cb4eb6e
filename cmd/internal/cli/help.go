package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/floorkeeper/floorkeeper/text"
)

// HelpWidth is how many columns the help of a command has at most.
const HelpWidth = 100

// ofKubectl is the annotation of flags that kubectl has as well.
const ofKubectl = "floorkeeper.dev/of-kubectl"

// UseHelp makes the help of all commands below root fit into [HelpWidth]. The flags of the connection have a list of
// their own, and the address of the documentation follows.
func UseHelp(root *cobra.Command) {
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := fmt.Fprint(cmd.OutOrStderr(), usage(cmd))
		return err
	})
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.Long = fitted(cmd.Long)
		show(cmd, args)
	})
}

// fitted breaks the paragraphs and tables of a help anew.
func fitted(help string) string {
	blocks := strings.Split(strings.TrimSpace(help), "\n\n")
	for i, block := range blocks {
		if strings.HasPrefix(block, " ") || strings.Contains(block, "\n ") || strings.Contains(block, "  ") {
			blocks[i] = fittedTable(strings.Split(block, "\n"))
		} else {
			blocks[i] = text.Wrap(strings.ReplaceAll(block, "\n", " "), HelpWidth, "")
		}
	}
	return strings.Join(blocks, "\n\n")
}

// fittedTable does it for rows of a word and its explanation, which goes on in lines that begin below it. Other lines stay.
func fittedTable(lines []string) string {
	row := regexp.MustCompile(`^( *\S+(?: \S+)*? {2,})\S.*$`)
	var b strings.Builder
	for i := 0; i < len(lines); i++ {
		line, indent := lines[i], ""
		if found := row.FindStringSubmatch(line); found != nil {
			indent = strings.Repeat(" ", len(found[1]))
		}
		for indent != "" && i+1 < len(lines) {
			more, below := strings.CutPrefix(lines[i+1], indent)
			if !below || strings.HasPrefix(more, " ") || strings.Contains(more, "  ") {
				break
			}
			line += " " + more
			i++
		}
		if indent != "" {
			line = text.Wrap(line, HelpWidth, indent)
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// usage is how a command is called: what ends its help.
func usage(cmd *cobra.Command) string {
	aliases := ""
	if len(cmd.Aliases) > 0 {
		aliases = "  " + cmd.NameAndAliases()
	}
	var b strings.Builder
	for _, section := range []struct{ heading, lines string }{
		{"Usage", forms(cmd)},
		{"Aliases", aliases},
		{"Examples", cmd.Example},
		{"Commands", subcommands(cmd)},
		{"Flags", flagUsages(cmd, false)},
		{"How to reach the cluster, as with kubectl", flagUsages(cmd, true)},
	} {
		if section.lines != "" {
			b.WriteString(section.heading + ":\n" + section.lines + "\n\n")
		}
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString(`Use "` + cmd.CommandPath() + ` [command] --help" for more about a command.` + "\n\n")
	}
	return b.String() + "Docs: " + docsOf(cmd) + "\n"
}

func forms(cmd *cobra.Command) string {
	var lines []string
	if cmd.Runnable() {
		lines = append(lines, "  "+wrapped(cmd.UseLine()))
	}
	if cmd.HasAvailableSubCommands() {
		lines = append(lines, "  "+cmd.CommandPath()+" [command]")
	}
	return strings.Join(lines, "\n")
}

func subcommands(cmd *cobra.Command) string {
	var lines []string
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() || below.Name() == "help" {
			lines = append(lines, fmt.Sprintf("  %-*s %s", below.NamePadding(), below.Name(), wrapped(below.Short)))
		}
	}
	return strings.Join(lines, "\n")
}

func wrapped(line string) string { return text.Wrap(line, HelpWidth, "      ") }

func flagUsages(cmd *cobra.Command, kubectl bool) string {
	shown := pflag.NewFlagSet("", pflag.ContinueOnError)
	shown.SortFlags = cmd.Flags().SortFlags
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if _, marked := flag.Annotations[ofKubectl]; marked == kubectl {
			shown.AddFlag(flag)
		}
	})
	return strings.TrimRight(shown.FlagUsagesWrapped(HelpWidth), "\n")
}

// docsOf returns the address of the page about a command, in the version that this program is of.
func docsOf(cmd *cobra.Command) string {
	page := "README.md"
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		if found, ok := cmd.Annotations[docsKey]; ok {
			page = "docs/" + found
			break
		}
	}
	return DocsAddress(page)
}

const docsKey = "docs"

// Documented returns the annotations of a command that a page of docs/ is about.
func Documented(page string) map[string]string { return map[string]string{docsKey: page} }

// DocsAddress returns where a file of the documentation is, in the version that this program is of.
func DocsAddress(file string) string {
	version := strings.TrimSuffix(Version, "-dirty")
	if commit := regexp.MustCompile(`(^|[-.]g?)([0-9a-f]{7,40})$`).FindStringSubmatch(version); commit != nil {
		version = commit[2] // behind a tag, or without one
	}
	if version == "devel" {
		version = "main"
	}
	return "https://github.com/floorkeeper/floorkeeper/blob/" + version + "/" + file
}
