package main

import (
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// recipe is what the last stage of a Dockerfile makes from nothing.
type recipe struct {
	files      []file
	labels     map[string]string
	user       string
	entrypoint []string
}

// file is copied from the build stage.
type file struct {
	from, to string
	line     string // of the Dockerfile
}

func readRecipe(dockerfile string, args map[string]string) (recipe, error) {
	r := recipe{labels: map[string]string{}}
	stages, global, err := readStages(dockerfile)
	if err != nil {
		return r, err
	}
	last := stages[len(stages)-1]
	if last.BaseName != "scratch" {
		return r, fmt.Errorf("the last stage of %s begins with %s: only FROM scratch can be assembled", dockerfile, last.BaseName)
	}
	scope := scope{given: args, global: global, values: map[string]string{}}
	for _, command := range last.Commands {
		if err := scope.expand(command); err != nil {
			return r, fmt.Errorf("%s: %w", dockerfile, err)
		}
		if err := r.add(command); err != nil {
			return r, fmt.Errorf("%s, line %d: %w", dockerfile, command.Location()[0].Start.Line, err)
		}
	}
	return r, nil
}

func readStages(dockerfile string) ([]instructions.Stage, []instructions.ArgCommand, error) {
	in, err := os.Open(dockerfile)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	result, err := parser.Parse(in)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", dockerfile, err)
	}
	stages, global, err := instructions.Parse(result.AST, nil)
	if err == nil && len(stages) == 0 {
		err = fmt.Errorf("%s has no stage", dockerfile)
	}
	return stages, global, err
}

// add takes an instruction into the recipe. One that is not known is an error, so that no part of the Dockerfile is left
// out in silence.
func (r *recipe) add(command instructions.Command) error {
	switch c := command.(type) {
	case *instructions.ArgCommand:
	case *instructions.LabelCommand:
		for _, label := range c.Labels {
			r.labels[label.Key] = label.Value
		}
	case *instructions.UserCommand:
		r.user = c.User
	case *instructions.EntrypointCommand:
		if c.PrependShell {
			return fmt.Errorf("%s needs a shell, which is not in the image: write a JSON array", c)
		}
		r.entrypoint = c.CmdLine
	case *instructions.CopyCommand:
		return r.copy(c)
	default:
		return fmt.Errorf("%s cannot be assembled without a container engine: leave it out, or teach tools/image", c.Name())
	}
	return nil
}

func (r *recipe) copy(c *instructions.CopyCommand) error {
	if c.From == "" || len(c.SourcePaths) != 1 || c.Chown+c.Chmod != "" || c.Link || c.Parents || len(c.ExcludePatterns)+len(c.SourceContents) > 0 {
		return fmt.Errorf("%s cannot be assembled: write COPY --from=STAGE FILE TARGET", c)
	}
	from, to := c.SourcePaths[0], c.DestPath
	if strings.HasSuffix(to, "/") {
		to += from[strings.LastIndex(from, "/")+1:]
	}
	r.files = append(r.files, file{from: from, to: to, line: c.String()})
	return nil
}

// scope holds the variables of a stage.
type scope struct {
	given  map[string]string // as build arguments
	global []instructions.ArgCommand
	values map[string]string
}

// expand replaces the variables in an instruction, and declares those of an ARG.
func (s scope) expand(command instructions.Command) error {
	if c, ok := command.(instructions.SupportsSingleWordExpansion); ok {
		err := c.Expand(func(word string) (string, error) {
			result, _, err := shell.NewLex('\\').ProcessWord(word, shell.EnvsFromSlice(s.environment()))
			return result, err
		})
		if err != nil {
			return err
		}
	}
	if arg, ok := command.(*instructions.ArgCommand); ok {
		s.declare(arg.Args)
	}
	return nil
}

// declare gives each name its value: that of the build argument, its own default, or that before the first stage.
func (s scope) declare(names []instructions.KeyValuePairOptional) {
	defaults := map[string]string{}
	for _, command := range s.global {
		for _, arg := range command.Args {
			defaults[arg.Key] = arg.ValueString()
		}
	}
	for _, arg := range names {
		if arg.Value != nil {
			defaults[arg.Key] = *arg.Value
		}
	}
	maps.Copy(defaults, s.given)
	for _, arg := range names {
		if value, ok := defaults[arg.Key]; ok {
			s.values[arg.Key] = value
		}
	}
}

func (s scope) environment() []string {
	var all []string
	for name, value := range s.values {
		all = append(all, name+"="+value)
	}
	return all
}
