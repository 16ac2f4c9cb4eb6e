package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// clusterOf serves the HPA video/images to somebody who may list the HPAs of the namespaces video and shop only, and
// returns the kubeconfig for it.
func clusterOf(t *testing.T) string {
	t.Helper()
	const hpas = `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscalerList","metadata":{},"items":[
		{"metadata":{"namespace":"video","name":"images"},"spec":{"minReplicas":4,"maxReplicas":60,"scaleTargetRef":{"kind":"Rollout","name":"images"}}}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/apis/autoscaling/v2/namespaces/video/horizontalpodautoscalers":
			fmt.Fprint(w, hpas)
		case "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers":
			fmt.Fprint(w, `{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscalerList","metadata":{},"items":[]}`)
		case "/api/v1/namespaces/video/resourcequotas":
			fmt.Fprint(w, `{"apiVersion":"v1","kind":"ResourceQuotaList","metadata":{},"items":[]}`)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":"Forbidden","code":403,"message":"not you"}`)
		}
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	config := "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{name: a, cluster: {server: '" + server.URL + "'}}]\n" +
		"contexts: [{name: a, context: {cluster: a}}]\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// eachNamespace has entries for the namespace video and for others.
const eachNamespace = head + `timeZone: UTC
windows:
- {name: images, start: "18:00", end: "23:00", rampDown: 20m, leadTime: 10m, targets: [{namespace: video, name: images, minReplicas: 20}]}
- {name: shops, start: "18:00", end: "23:00", targets: [{namespace: shop, minReplicas: 20}]}
- {name: front, start: "18:00", end: "23:00", targets: [{selector: {matchLabels: {tier: front}}, minReplicas: 20}]}
`

const elsewhere = "not checked with --namespace video: matches-nothing of window shops, window front, whose targets can lie in other " +
	"namespaces; leave --namespace out if you may list all\n"

// TestANamespaceAlone: of what lies in others nothing is told but that it was not checked.
func TestANamespaceAlone(t *testing.T) {
	kubeconfig := clusterOf(t)
	schedule := filepath.Join(t.TempDir(), "schedule.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(schedule, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(eachNamespace)
	live := []string{schedule, "--live", "--kubeconfig", kubeconfig, "--namespace", "video"}
	code, _, stderr := runValidate(t, "", append(live, "--fail-on-warn")...)
	if code != 0 || stderr != elsewhere {
		t.Errorf("validate: exit code %d, standard error:\n%s", code, stderr)
	}
	code, stdout, stderr := runValidate(t, "", append(live, "-o", "json")...)
	if !strings.Contains(stdout, "\"notChecked\": [\n    \"matches-nothing\"\n  ]") || stderr != elsewhere || code != 0 {
		t.Errorf("validate -o json: exit code %d, %s\n%s", code, stdout, stderr)
	}
	code, stdout, stderr = runAt(t, planCommand(midday), append(live, "--fail-on-warn")...)
	if code != 0 || stderr != elsewhere || strings.Contains(stdout, "matches-nothing") {
		t.Errorf("plan: exit code %d, standard error:\n%s\n%s", code, stderr, stdout)
	}
	old := filepath.Join(t.TempDir(), "old.yaml")
	if err := os.WriteFile(old, []byte(head+"windows: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr = runAt(t, newDiffCommandAt(midday), append([]string{old}, live...)...)
	if code != 1 || stderr != elsewhere || strings.Contains(stdout, "covers no") {
		t.Errorf("diff: exit code %d, standard error:\n%s\n%s", code, stderr, stdout)
	}
	write(strings.Replace(eachNamespace, "name: images, minReplicas", "name: imagse, minReplicas", 1))
	code, _, stderr = runValidate(t, "", append(live, "--fail-on-warn")...)
	if code != exitWarned || !strings.Contains(stderr, "window images: it covers no HorizontalPodAutoscaler; check its targets [matches-nothing]\n") ||
		!strings.HasSuffix(stderr, "1 warning\n"+elsewhere) {
		t.Errorf("a name that is wrong: exit code %d, standard error:\n%s", code, stderr)
	}
}

// TestThePageOfANamespaceAlone: a reload tells no more of other namespaces than the first look.
func TestThePageOfANamespaceAlone(t *testing.T) {
	schedule := filepath.Join(t.TempDir(), "schedule.yaml")
	if err := os.WriteFile(schedule, []byte(eachNamespace), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &viewOptions{span: "7d", now: midday, inputs: inputs{live: true, namespace: "video", connection: connection{kubeconfig: clusterOf(t)}}}
	first, err := o.look(t.Context(), []string{schedule}, nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p := &planPage{options: o, args: []string{schedule}, title: "Plan", last: first}
	_, page := pageOf(t, p.render, "/")
	expect(t, page, "video/images", "!matches-nothing")
}
