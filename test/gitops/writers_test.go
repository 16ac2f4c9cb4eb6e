package gitops

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
)

// writer is somebody who writes minReplicas of the scene's HPA.
type writer struct {
	name    string
	manager string // the field manager that the API server knows it by
	// write is one write of the whole manifest, or of minReplicas alone: "" for a manifest without it.
	write func(ctx context.Context, s *scene, minReplicas string) error
	// create makes the HPA, if write cannot.
	create func(ctx context.Context, s *scene, minReplicas string) error
	// keeps means that leaving minReplicas out does not touch it, where the writer does not own it; else it becomes 1.
	keeps bool
	// recreates means that it deletes the HPA and creates it again. The floor falls for a moment then.
	recreates bool
	// unguarded means that the guard leaves it alone, because the API server would store metrics such as these twice.
	unguarded bool
	// goesBack means that it writes what was written before and nothing else.
	goesBack bool
}

// everyWriter lists those of the table in the tests' documentation, and some more that users have.
func everyWriter() []writer {
	return []writer{
		{name: "kubectl apply", manager: "kubectl-client-side-apply", write: piped("apply")},
		{name: "kubectl apply on the server", manager: "kubectl", write: piped("apply --server-side"), keeps: true},
		{name: "kubectl apply on the server by force", manager: "kubectl", write: piped("apply --server-side --force-conflicts"), keeps: true},
		{name: "kubectl replace", manager: "kubectl-replace", write: piped("replace"), create: piped("create")},
		{name: "kubectl replace by force", write: piped("replace --force"), create: piped("create"), recreates: true},
		{name: "kubectl edit", manager: "kubectl-edit", write: edit, create: piped("create")},
		{name: "kubectl patch, merge", manager: "kubectl-patch", write: patched("hpa", "merge", mergePatch), create: piped("create")},
		{name: "kubectl patch, strategic", manager: "kubectl-patch", write: patched("hpa", "strategic", mergePatch), create: piped("create")},
		{name: "kubectl patch, json", manager: "kubectl-patch", write: patched("hpa", "json", jsonPatch), create: piped("create")},
		{name: "kubectl patch in autoscaling v1", manager: "kubectl-patch", write: patched("horizontalpodautoscalers.v1.autoscaling", "merge", mergePatch), create: piped("create"), unguarded: true},
		{name: "helm 3", manager: "helm", write: helm3()},
		{name: "helm 3 by force", manager: "helm", write: helm3("--force")},
		{name: "helm 4", manager: "helm", write: helm4(), keeps: true},
		{name: "helm 4 on the client", manager: "helm", write: helm4("--server-side=false")},
		{name: "helm 3 rollback", manager: "helm", write: rollback3, create: history(helm3()), goesBack: true},
		{name: "helm 4 rollback", manager: "helm", write: rollback4, create: history(helm4()), goesBack: true},
		{name: "flux", manager: "kustomize-controller", write: flux, keeps: true},
		{name: "argo cd", manager: "argocd-controller", write: piped("apply --field-manager=argocd-controller")},
		{name: "argo cd on the server", manager: "argocd-controller", write: piped("apply --server-side --force-conflicts --field-manager=argocd-controller"), keeps: true},
		{name: "put of a new object, as by KEDA", manager: "keda", write: putAfresh, create: createTyped},
		{name: "put of the object, as by an operator", manager: "operator", write: putBack, create: createTyped},
	}
}

// manifest is the HPA as its owner keeps it in Git.
func (s *scene) manifest(minReplicas string) string {
	if minReplicas != "" {
		minReplicas = "minReplicas: " + minReplicas
	}
	return fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: %s
  namespace: %s
spec:
  %s
  maxReplicas: 20
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}
  metrics:
  - type: External
    external: {metric: {name: demand}, target: {type: AverageValue, averageValue: "1"}}
  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
`, app, s.namespace, minReplicas)
}

// piped gives the manifest to a command of kubectl.
func piped(command string) func(context.Context, *scene, string) error {
	return func(ctx context.Context, s *scene, minReplicas string) error {
		_, err := s.kubectl(ctx, s.manifest(minReplicas), append(strings.Fields(command), "--filename=-")...)
		return err
	}
}

// patched sends a patch of minReplicas alone by kubectl.
func patched(resource, kind string, patch func(minReplicas string) string) func(context.Context, *scene, string) error {
	return func(ctx context.Context, s *scene, minReplicas string) error {
		_, err := s.kubectl(ctx, "", "patch", resource, app, "--namespace="+s.namespace, "--type="+kind, "--patch="+patch(minReplicas))
		return err
	}
}

func mergePatch(minReplicas string) string {
	if minReplicas == "" {
		minReplicas = "null"
	}
	return `{"spec":{"minReplicas":` + minReplicas + `}}`
}

func jsonPatch(minReplicas string) string {
	if minReplicas == "" {
		return `[{"op":"remove","path":"/spec/minReplicas"}]`
	}
	return `[{"op":"replace","path":"/spec/minReplicas","value":` + minReplicas + `}]`
}

// edit is a person at kubectl edit, who sees the floor and overwrites it, or deletes the line.
func edit(ctx context.Context, s *scene, minReplicas string) error {
	script := `s/^  minReplicas: .*$/  minReplicas: ` + minReplicas + `/`
	if minReplicas == "" {
		script = `/^  minReplicas: /d`
	}
	cmd := s.KubectlCommand(ctx, s.Kubeconfig(), "edit", "hpa", app, "--namespace="+s.namespace)
	cmd.Env = append(cmd.Env, "KUBE_EDITOR=sed -i -e '"+script+"'")
	out, err := output(cmd, "")
	if err == nil && !strings.Contains(out, "edited") && !strings.Contains(out, "no changes made") {
		err = fmt.Errorf("kubectl edit said %q", out)
	}
	return err
}

func helm3(flags ...string) func(context.Context, *scene, string) error {
	return func(ctx context.Context, s *scene, minReplicas string) error {
		return s.helm(ctx, s.writers.Helm3, minReplicas, flags)
	}
}

func helm4(flags ...string) func(context.Context, *scene, string) error {
	return func(ctx context.Context, s *scene, minReplicas string) error {
		return s.helm(ctx, s.writers.Helm4, minReplicas, flags)
	}
}

// helm installs the chart or upgrades it.
func (s *scene) helm(ctx context.Context, binary, minReplicas string, flags []string) error {
	verb := []string{"upgrade"}
	if _, err := s.hpa(ctx); err != nil {
		verb = []string{"install"}
	}
	if minReplicas == "" {
		minReplicas = "null"
	}
	args := append(append(verb, app, filepath.Join("testdata", "chart"), "--namespace="+s.namespace, "--set=minReplicas="+minReplicas), flags...)
	return s.runHelm(ctx, binary, args...)
}

func (s *scene) runHelm(ctx context.Context, binary string, args ...string) error {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig(), "HOME="+s.dir, controlplane.LazyGC)
	_, err := output(cmd, "")
	return err
}

// history makes releases 1 to 4, with minReplicas 2, 3, 4 and 2 again.
func history(write func(context.Context, *scene, string) error) func(context.Context, *scene, string) error {
	return func(ctx context.Context, s *scene, _ string) error {
		for _, minReplicas := range []string{"2", "3", "4", "2"} {
			if err := write(ctx, s, minReplicas); err != nil {
				return err
			}
		}
		return nil
	}
}

func rollback3(ctx context.Context, s *scene, minReplicas string) error {
	return s.rollback(ctx, s.writers.Helm3, minReplicas)
}

func rollback4(ctx context.Context, s *scene, minReplicas string) error {
	return s.rollback(ctx, s.writers.Helm4, minReplicas)
}

// rollback goes back to the first release of the history with a minReplicas.
func (s *scene) rollback(ctx context.Context, binary, minReplicas string) error {
	release := map[string]string{"2": "1", "3": "2", "4": "3"}[minReplicas]
	return s.runHelm(ctx, binary, "rollback", app, release, "--namespace="+s.namespace)
}

func flux(ctx context.Context, s *scene, minReplicas string) error {
	_, err := s.flux(ctx, "apply", minReplicas)
	return err
}

// flux applies or diffs the manifest, and returns what Flux reports about the HPA.
func (s *scene) flux(ctx context.Context, verb, minReplicas string) (string, error) {
	cmd := exec.CommandContext(ctx, s.writers.Flux, verb)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig(), "HOME="+s.dir, controlplane.LazyGC)
	out, err := output(cmd, s.manifest(minReplicas))
	return strings.TrimPrefix(strings.TrimSpace(out), "HorizontalPodAutoscaler/"+s.namespace+"/"+app+" "), err
}
