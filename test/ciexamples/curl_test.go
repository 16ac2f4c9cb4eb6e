package ciexamples

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// curl stands in where the machine has none: it knows the options that the jobs for GitLab use. FAKE_CURL=1 prefers it.
func curl(args []string, stdout io.Writer) error {
	method, address, form := "GET", "", url.Values{}
	header, output := http.Header{}, stdout
	for len(args) > 0 {
		name := args[0]
		args = args[1:]
		switch {
		case name == "--silent", name == "--show-error", name == "--fail-with-body":
			continue
		case !strings.HasPrefix(name, "-"):
			address = name
			continue
		case len(args) == 0:
			return fmt.Errorf("%s needs a value", name)
		}
		value := args[0]
		args = args[1:]
		switch field, file, isFile := strings.Cut(value, "@"); {
		case name == "--request":
			method = value
		case name == "--header":
			key, text, _ := strings.Cut(value, ": ")
			header.Set(key, text)
		case name == "--output" && value == os.DevNull:
			output = io.Discard
		case name == "--data-urlencode" && isFile:
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			form.Set(field, string(content))
		default:
			return fmt.Errorf("unknown option %s %s", name, value)
		}
	}
	return send(method, address, header, form, output)
}

func send(method, address string, header http.Header, form url.Values, output io.Writer) error {
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header = header
	if len(form) > 0 {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(output, response.Body)
	if response.StatusCode >= http.StatusBadRequest {
		return errors.Join(errors.New(response.Status), err)
	}
	return err
}
