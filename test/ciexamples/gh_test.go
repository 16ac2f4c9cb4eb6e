package ciexamples

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
)

// pageSize is how many comments the forges give at once, whatever they are asked for.
const pageSize = 2

// comment is one of a pull request.
type comment struct {
	ID   int    `json:"id"`
	User user   `json:"user"`
	Body string `json:"body"`
}

type user struct {
	Login string `json:"login"`
}

// ghCall is a command line of gh api, as far as the workflow has use of it.
type ghCall struct {
	endpoint, method, jq, body string
	paginate, silent           bool
}

func parseGH(args []string) (ghCall, error) {
	call := ghCall{method: "GET"}
	if len(args) == 0 || args[0] != "api" {
		return call, fmt.Errorf("not gh api: %q", args)
	}
	args = args[1:]
	for len(args) > 0 {
		name := args[0]
		switch name {
		case "--paginate":
			call.paginate = true
		case "--silent":
			call.silent = true
		case "--method", "--jq", "-F":
			if len(args) < 2 {
				return call, fmt.Errorf("%s needs a value", name)
			}
			if err := call.set(name, args[1]); err != nil {
				return call, err
			}
			args = args[1:]
		default:
			if strings.HasPrefix(name, "-") || call.endpoint != "" {
				return call, fmt.Errorf("unknown argument %q", name)
			}
			call.endpoint = name
		}
		args = args[1:]
	}
	return call, nil
}

func (c *ghCall) set(name, value string) error {
	switch name {
	case "--method":
		c.method = value
	case "--jq":
		c.jq = value
	default:
		file, found := strings.CutPrefix(value, "body=@")
		if !found {
			return fmt.Errorf("not the body: %q", value)
		}
		content, err := os.ReadFile(file)
		c.body = string(content)
		return err
	}
	return nil
}

// gh does what gh api does, with the comments in the file FORGE instead of GitHub's.
func gh(args []string, stdout io.Writer) error {
	call, err := parseGH(args)
	if err != nil {
		return err
	}
	if os.Getenv("GH_TOKEN") == "" {
		return errors.New("GH_TOKEN is not set")
	}
	content, err := os.ReadFile(os.Getenv("FORGE"))
	if err != nil {
		return err
	}
	var comments []comment
	if err := json.Unmarshal(content, &comments); err != nil {
		return err
	}
	list, _, _ := strings.Cut(call.endpoint, "?")
	switch {
	case call.method == "GET" && list == "repos/org/app/issues/7/comments":
		return call.list(comments, stdout)
	case call.method == "POST" && call.endpoint == "repos/org/app/issues/7/comments":
		comments = append(comments, comment{1000 + len(comments), user{"github-actions[bot]"}, call.body})
	case call.method == "PATCH" && path.Dir(call.endpoint) == "repos/org/app/issues/comments":
		i := slices.IndexFunc(comments, func(c comment) bool { return strconv.Itoa(c.ID) == path.Base(call.endpoint) })
		if i < 0 {
			return errors.New("HTTP 404: no such comment")
		}
		comments[i].Body = call.body
	default:
		return fmt.Errorf("HTTP 404: %s %s", call.method, call.endpoint)
	}
	content, err = json.Marshal(comments)
	return errors.Join(err, os.WriteFile(os.Getenv("FORGE"), content, 0o600))
}

// list prints pages of comments through jq, the first alone without --paginate.
func (c *ghCall) list(comments []comment, stdout io.Writer) error {
	for page := range slices.Chunk(comments, pageSize) {
		content, err := json.Marshal(page)
		if err != nil {
			return err
		}
		filter := exec.Command("jq", "-r", c.jq)
		filter.Stdin, filter.Stdout, filter.Stderr = bytes.NewReader(content), stdout, os.Stderr
		if err := filter.Run(); err != nil || !c.paginate {
			return err
		}
	}
	return nil
}
