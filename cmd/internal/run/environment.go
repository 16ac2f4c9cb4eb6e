package run

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// environmentName returns the environment variable of a flag: FLOORKEEPER_LEADER_ELECT for --leader-elect.
func environmentName(flag string) string {
	return "FLOORKEEPER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applyEnvironment sets each flag that was not given from its environment variable, if that is set: a flag overrides
// the environment, and the environment over the default.
func applyEnvironment(flags *pflag.FlagSet) error {
	var failure error
	flags.VisitAll(func(flag *pflag.Flag) {
		value, set := os.LookupEnv(environmentName(flag.Name))
		if !set || flag.Changed || failure != nil {
			return
		}
		if err := flags.Set(flag.Name, value); err != nil {
			failure = fmt.Errorf("cannot read environment variable %s: %w", environmentName(flag.Name), err)
		}
	})
	return failure
}
