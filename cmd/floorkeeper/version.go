package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/zones"
)

const versionHelp = `Print the version of floorkeeper, of Go, and of the time zone database in this binary,
which is the only one that it reads.

Fields of -o json:
version    of floorkeeper
commit     that it was built from, where that is known
goVersion  that it was built with
platform   that it was built for
timeZones  release of the IANA time zone database, such as 2026b

Exit codes: 0 printed, 2 the command line is wrong or the output cannot be written.`

type version struct {
	Version   string `json:"version"`
	Commit    string `json:"commit,omitempty"`
	GoVersion string `json:"goVersion"`
	Platform  string `json:"platform"`
	TimeZones string `json:"timeZones"`
}

func newVersionCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  versionHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cli.CheckOutput(output, outputs()...); err != nil {
				return err
			}
			v := version{cli.Version, commit(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, zones.Release()}
			if output == "json" {
				return cli.WriteJSON(cmd.OutOrStdout(), v)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "floorkeeper %s %s %s, time zones %s\n", v.Version, v.GoVersion, v.Platform, v.TimeZones)
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "how the version is written: text, json")
	cli.Choices(cmd.Flags(), "output", outputs()...)
	return cmd
}

func outputs() []string { return []string{"text", "json"} }

// commit returns the commit that the linker stamped, or else the go command.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if cli.Commit != "" || !ok {
		return cli.Commit
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
