// Command check reads an example from its standard input. Its argument names the kind of the example:
//
//	terraform     a file of Terraform: its syntax is valid, every reference is to something in the file, and
//	              a helm_release has only arguments that the provider knows
//	helmrelease   a HelmRelease of Flux, which must have no unknown field
package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	text, err := io.ReadAll(os.Stdin)
	switch {
	case err != nil:
		return err
	case slices.Equal(args, []string{"terraform"}):
		return checkTerraform(text)
	case slices.Equal(args, []string{"helmrelease"}):
		return yaml.UnmarshalStrict(text, &helmv2.HelmRelease{})
	default:
		return fmt.Errorf("say what it is: terraform or helmrelease, and not %q", args)
	}
}

func checkTerraform(text []byte) error {
	file, diagnostics := hclsyntax.ParseConfig(text, "stdin", hcl.InitialPos)
	if diagnostics.HasErrors() {
		return diagnostics
	}
	body := file.Body.(*hclsyntax.Body)
	if len(body.Blocks) == 0 || len(body.Attributes) > 0 {
		return fmt.Errorf("%d blocks and %d attributes at the top; a Terraform file has blocks alone", len(body.Blocks), len(body.Attributes))
	}
	defined := []string{"var", "local", "each", "path", "count", "data"}
	for _, block := range body.Blocks {
		defined = append(defined, block.Labels...)
	}
	for _, block := range body.Blocks {
		if err := checkBlock(block, defined); err != nil {
			return err
		}
	}
	return nil
}

func checkBlock(block *hclsyntax.Block, defined []string) error {
	if block.Type != "resource" || len(block.Labels) != 2 {
		return fmt.Errorf("%s %q is no resource with a type and a name", block.Type, block.Labels)
	}
	for name, attribute := range block.Body.Attributes {
		if block.Labels[0] == "helm_release" && !slices.Contains(releaseArguments(), name) {
			return fmt.Errorf("helm_release has no argument %s", name)
		}
		for _, reference := range attribute.Expr.Variables() {
			if !slices.Contains(defined, reference.RootName()) {
				return fmt.Errorf("%s refers to %s, which is not in the file", name, reference.RootName())
			}
		}
	}
	return nil
}

// releaseArguments are those of helm_release in version 3 of the provider that the examples use or may use.
func releaseArguments() []string {
	return []string{
		"atomic", "chart", "cleanup_on_fail", "create_namespace", "dependency_update", "description", "max_history", "name",
		"namespace", "repository", "set", "set_list", "set_sensitive", "skip_crds", "timeout", "upgrade_install", "values",
		"version", "wait", "wait_for_jobs",
	}
}
