package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// EnvironmentName returns the environment variable of a flag: FLOORKEEPER_LEADER_ELECT for --leader-elect.
func EnvironmentName(flag string) string {
	return "FLOORKEEPER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Environment sets each flag that was not given from its environment variable, if that is set: a flag overrides the
// environment, and the environment the default. Without names it does so for all flags.
func Environment(flags *pflag.FlagSet, names ...string) error {
	var failure error
	flags.VisitAll(func(flag *pflag.Flag) {
		value, set := os.LookupEnv(EnvironmentName(flag.Name))
		if !set || flag.Changed || failure != nil || len(names) > 0 && !slices.Contains(names, flag.Name) {
			return
		}
		if err := flags.Set(flag.Name, value); err != nil {
			failure = fmt.Errorf("cannot read environment variable %s: %w", EnvironmentName(flag.Name), err)
		}
	})
	return failure
}
