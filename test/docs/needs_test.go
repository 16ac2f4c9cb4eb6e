package docs

import "strings"

// exempt are commands that cannot run in this test, by how they begin.
type exempt struct{ command, reason string }

// needs lists them. An entry that no page needs fails the test.
func needs() []exempt {
	return []exempt{
		{"kind create cluster", "kind needs a container engine; the control plane of the test stands for the cluster"},
		{"kind load docker-image", "the same"},
		{"kind delete cluster", "the same"},
		{"docker build", "needs a container engine; the tests of tools/image play the Dockerfile"},
		{"docker push", "needs a registry"},
		{"make image", "compiles for two platforms; the tests of tools/image run it"},
		{"go tool -modfile=tools/image/go.mod crane push", "needs a registry; the tests of tools/image push to one of theirs"},
		{"flux ", "needs Flux in the cluster; test/gitops runs its applier"},
		{"argocd ", "needs Argo CD in the cluster"},
		{"make test-matrix", "takes an hour and more"},
		{"FLOORKEEPER_KUBERNETES=", "needs the control plane of another release; test/matrix runs it"},
		{"make bench", "takes up to an hour; CI runs its short form"},
		{"kubectl -n floorkeeper port-forward", "needs a kubelet"},
		{"go run ./test/kit/history/cmd/check", "needs an audit log; its own test runs it"},
	}
}

// need returns why a command cannot run here, or nothing.
func need(command string) exempt {
	for _, e := range needs() {
		if strings.HasPrefix(command, e.command) {
			return e
		}
	}
	return exempt{}
}

// endless are commands that run until they are interrupted, by how they begin. They get two seconds, and must then end
// in order.
func endless(command string) bool {
	for _, beginning := range []string{"floorkeeper run ", "floorkeeper status -A --watch"} {
		if strings.HasPrefix(command, beginning) {
			return true
		}
	}
	return false
}

// illustrations are sessions and texts with commands that show what a cluster prints which this test does not have, by the
// page and the first line.
func illustration(b block) string {
	for _, i := range []struct{ page, first, reason string }{
		{"docs/operations.md", "$ kubectl -n floorkeeper describe configmap", "the layout of kubectl describe; test/e2e asserts the Event"},
		{"docs/operations.md", "$ floorkeeper status -A", "another cluster's table; test/status asserts each column"},
		{"docs/preview.md", "$ floorkeeper diff schedule.yaml new.yaml", "the stopped clock of the examples; the tests of diff assert it"},
	} {
		if i.page == b.page && strings.HasPrefix(b.lines[0], i.first) {
			return i.reason
		}
	}
	return ""
}
