package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

const hpaManifest = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: {maxReplicas: 10, scaleTargetRef: {kind: Deployment, name: web}}\n"

// given are the inputs of a command line, which must be one that pflag takes.
func given(t *testing.T, args ...string) *HPASource {
	t.Helper()
	i := &HPASource{}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	i.Bind(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestInputs(t *testing.T) {
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"hpas/a.yaml": hpaManifest, "hpas/b.json": `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"b"},"spec":{"maxReplicas":9,"scaleTargetRef":{"kind":"Deployment","name":"b"}}}`,
		"bad.yaml": "# bad\n" + strings.Replace(hpaManifest, "10", "ten", 1), "pod.yaml": "apiVersion: v1\nkind: Pod\n", "empty/x.txt": "",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		args      []string
		schedules []string
		stdin     string
		hpas      string // namespaces and names
		want      string // of the error, or on standard error
	}{
		"nothing":                        {want: ""},
		"a file":                         {args: []string{"--hpas=hpas/a.yaml"}, hpas: "default/web"},
		"a directory":                    {args: []string{"--hpas=hpas"}, hpas: "default/b default/web"},
		"two files with a comma":         {args: []string{"--hpas=hpas/a.yaml,hpas/b.json"}, hpas: "default/b default/web"},
		"standard input":                 {args: []string{"--hpas=-"}, schedules: []string{"schedule.yaml"}, stdin: hpaManifest, hpas: "default/web"},
		"a namespace":                    {args: []string{"--hpas=hpas/a.yaml", "-n", "shop"}, hpas: "shop/web"},
		"the same file twice":            {args: []string{"--hpas=hpas/a.yaml", "--hpas=hpas/a.yaml"}, hpas: "default/web"},
		"standard input twice":           {args: []string{"--hpas=-"}, schedules: []string{"-"}, want: "- is standard input, which can be read once only; give the schedule or the HPAs as a file"},
		"both":                           {args: []string{"--hpas=hpas", "--live"}, want: "--hpas and --live are two sources of HPAs; leave one of them out"},
		"a context without --live":       {args: []string{"--hpas=hpas", "--context=x"}, want: "--context is for a cluster; give --live too"},
		"all namespaces without --live":  {args: []string{"-A"}, want: "give --live too"},
		"a namespace of nothing":         {args: []string{"-n", "shop"}, want: "--namespace chooses among HPAs; give --live or --hpas too"},
		"one namespace and all":          {args: []string{"--live", "-A", "-n", "shop"}, want: "give --namespace or --all-namespaces, and not both"},
		"an illegal namespace":           {args: []string{"--live", "-n", "Shop"}, want: `cannot use --namespace: "Shop" is not the name of a namespace`},
		"no cluster":                     {args: []string{"--live"}, want: "cannot find the API server: there is no kubeconfig (looked for "},
		"a kubeconfig that is not there": {args: []string{"--live", "--kubeconfig=not-there"}, want: "cannot find the API server: stat not-there: no such file or directory"},
		"a file that is not there":       {args: []string{"--hpas=none.yaml"}, want: "cannot read manifests: stat none.yaml: no such file or directory"},
		"a name that is empty":           {args: []string{"--hpas", "hpas/a.yaml", "--hpas="}, hpas: "default/web"},
		"an empty name":                  {args: []string{"--hpas="}, want: "--hpas needs a file, a directory or -, and here is nothing"},
		"an empty name in a list":        {args: []string{"--hpas=hpas/a.yaml,"}, want: "--hpas needs a file, a directory or -, and here is nothing"},
		"an empty directory":             {args: []string{"--hpas=empty"}, want: "empty: error: the directory holds no *.yaml, *.yml or *.json file"},
		"an HPA that is wrong":           {args: []string{"--hpas=bad.yaml"}, want: "bad.yaml:2:1: error: the HPA default/web: spec.maxReplicas is a whole number from 1 to 2147483647, not \"ten\" [bad-hpa]\n 2 | apiVersion: autoscaling/v2\n"},
		"no HPA":                         {args: []string{"--hpas=pod.yaml"}, want: "pod.yaml: error: there is no HorizontalPodAutoscaler in these files"},
		"an empty standard input":        {args: []string{"--hpas=-"}, want: "there is no HorizontalPodAutoscaler in these files"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			s, err := given(t, test.args...).Snapshot(t.Context(), test.schedules, strings.NewReader(test.stdin), &stderr)
			if test.want != "" {
				code, err := ExitCode(err, &stderr)
				if code != ExitFailed || s != nil {
					t.Fatalf("%v, %v", s, err)
				}
				said := stderr.String()
				if err != nil {
					said += err.Error()
				}
				if !strings.Contains(said, test.want) {
					t.Errorf("%s\nwant %s", said, test.want)
				}
				return
			}
			if err != nil || (s == nil) != (test.hpas == "") {
				t.Fatalf("%v, %v: %s", s, err, stderr.String())
			}
			var got []string
			for i := 0; s != nil && i < len(s.HPAs); i++ {
				got = append(got, s.HPAs[i].Namespace+"/"+s.HPAs[i].Name)
			}
			if strings.Join(got, " ") != test.hpas || stderr.Len() > 0 {
				t.Errorf("%v, want %s; %s", got, test.hpas, stderr.String())
			}
		})
	}
}
