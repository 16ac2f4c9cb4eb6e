// Command image assembles floorkeeper's container image without a container engine, for the platforms that are its
// arguments, and writes it as an OCI image layout. What is in it is what the last stage of the Dockerfile says. The same
// inputs give the same digest.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "cannot assemble the image:", err)
		os.Exit(1)
	}
}

// options are where the inputs are. Programs and certificates are what a build stage makes and has in a container engine.
type options struct {
	dockerfile   string
	args         map[string]string // build arguments
	programs     string            // folder with OS/ARCHITECTURE/floorkeeper
	certificates string            // PEM file
	created      time.Time
	platforms    []v1.Platform
	output       string
}

func run(args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if err := checkOutput(o.output); err != nil {
		return err
	}
	recipe, err := readRecipe(o.dockerfile, o.args)
	if err != nil {
		return err
	}
	index, err := assemble(recipe, o, stdout)
	if err != nil {
		return err
	}
	if err := write(o.output, index, o.args["VERSION"]); err != nil {
		return err
	}
	digest, err := index.Digest()
	fmt.Fprintf(stdout, "%s holds the image, %s\n", o.output, digest)
	return err
}

func parse(args []string, stderr io.Writer) (options, error) {
	o := options{args: map[string]string{}}
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Usage: image [flags] OS/ARCHITECTURE ...")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.dockerfile, "dockerfile", "Dockerfile", "`file` whose last stage is assembled")
	flags.StringVar(&o.programs, "programs", "bin", "`folder` with OS/ARCHITECTURE/floorkeeper, the program for each platform")
	flags.StringVar(&o.certificates, "certificates", "/etc/ssl/certs/ca-certificates.crt", "`file` with the certificates that the image trusts, in PEM")
	flags.StringVar(&o.output, "output", "bin/image", "`folder` for the layout; one that is there is replaced")
	epoch := flags.Int64("created", 0, "`seconds` since 1970, when the image and its files were made")
	flags.Func("build-arg", "`NAME=VALUE` of an ARG of the Dockerfile; may be repeated", func(arg string) error {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return errors.New("write NAME=VALUE")
		}
		o.args[name] = value
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.created = time.Unix(*epoch, 0).UTC()
	if flags.NArg() == 0 {
		return o, errors.New("name a platform, such as linux/amd64")
	}
	for _, name := range flags.Args() {
		platform, err := v1.ParsePlatform(name)
		if err != nil || platform.Architecture == "" {
			return o, fmt.Errorf("%q is no platform: write OS/ARCHITECTURE, such as linux/amd64", name)
		}
		o.platforms = append(o.platforms, *platform)
	}
	return o, nil
}

// find returns the file on this machine that the build stage has under a path.
func (o options) find(source string, platform v1.Platform) (string, error) {
	file, remedy := "", ""
	switch source {
	case "/etc/ssl/certs/ca-certificates.crt":
		file, remedy = o.certificates, "install the package ca-certificates, or name a PEM file with CERTIFICATES=FILE"
	case "/src/bin/floorkeeper":
		file, remedy = filepath.Join(o.programs, platform.OS, platform.Architecture, path.Base(source)), "build it: make build"
	default:
		return "", fmt.Errorf("it is not known what %s of the build stage is on this machine: add it to find in tools/image/main.go", source)
	}
	if _, err := os.Stat(file); err != nil {
		return "", fmt.Errorf("%w: %s", err, remedy)
	}
	return file, nil
}
