package docs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/floorkeeper/floorkeeper/test/gitops/writers"
	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/crds"
)

// stage is a cluster and the machine of a person who follows the pages.
type stage struct {
	*controlplane.ControlPlane
	client  kubernetes.Interface
	kubelet *kubelet
	dir     string // tools, home, deploy, and what the kubelet needs

	fixture   []autoscalingv2.HorizontalPodAutoscaler
	schedule  string          // that was installed
	policies  int             // how many mutating ones were
	installed string          // the variant that is
	changed   bool            // a block may have changed the cluster
	seen      map[string]bool // the outcomes that were checked
}

func (s *stage) start(ctx context.Context, suite *kit.Suite) error {
	binary, err := suite.Floorkeeper(ctx)
	if err != nil {
		return err
	}
	helm, err := writers.Build(ctx, os.Stderr)
	if err != nil {
		return err
	}
	if s.ControlPlane, err = suite.ControlPlane(ctx, controlplane.Options{
		LogDir:    s.dir,
		ExtraArgs: map[controlplane.Component][]string{controlplane.ControllerManager: {"--horizontal-pod-autoscaler-sync-period=2s"}},
	}); err != nil {
		return err
	}
	s.client = s.Client()
	s.kubelet = &kubelet{plane: s.ControlPlane, client: s.client, binary: binary, dir: filepath.Join(s.dir, "kubelet")}
	suite.Cleanup(s.kubelet.begin())
	return errors.Join(s.makeTools(binary, helm.Helm4), s.makeHome(), s.buildCheck(ctx), s.defineDatabase(ctx), crds.Define(ctx, s.ControlPlane, upstream()...), os.CopyFS(filepath.Join(s.dir, "deploy"), os.DirFS(root+"/deploy")))
}

// The programs in place of those that a person has and this machine need not have: git clones this checkout as it is, make
// builds nothing twice, and the editor writes the schedule of the fixtures and leaves a ConfigMap as it is.
const (
	git    = "#!/bin/sh\n[ \"$1\" = clone ] && mkdir -p floorkeeper && cp -r deploy schedules docs floorkeeper/\n"
	build  = "#!/bin/sh\n[ \"$1\" = build ] && mkdir -p bin && ln -sf \"$(command -v floorkeeper)\" bin/floorkeeper\n"
	editor = "#!/bin/sh\n[ \"$1\" = cm.yaml ] || cp \"$SCHEDULE\" \"$1\"\n"
)

func (s *stage) makeTools(floorkeeper, helm string) error {
	tools := filepath.Join(s.dir, "tools")
	errs := []error{os.Mkdir(tools, 0o755)}
	for name, path := range map[string]string{
		"floorkeeper": floorkeeper, "kubectl-floorkeeper": floorkeeper, "kubectl": s.Binary("kubectl"), "helm": helm,
	} {
		errs = append(errs, os.Symlink(path, filepath.Join(tools, name)))
	}
	for name, script := range map[string]string{"git": git, "make": build, "editor": editor} {
		errs = append(errs, os.WriteFile(filepath.Join(tools, name), []byte(script), 0o755))
	}
	return errors.Join(errs...)
}

func (s *stage) defineDatabase(ctx context.Context) error {
	_, err := s.Kubectl(ctx, "apply", "--filename=testdata/database.yaml")
	return err
}

func (s *stage) buildCheck(ctx context.Context) error {
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(s.dir, "tools", "check"), ".")
	build.Dir = "check"
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the folder check: %w: %s", err, out)
	}
	return nil
}

func (s *stage) makeHome() error {
	config, err := os.ReadFile(s.Kubeconfig())
	kube := filepath.Join(s.dir, "home", ".kube")
	return errors.Join(err, os.MkdirAll(kube, 0o755), os.WriteFile(filepath.Join(kube, "config"), config, 0o600),
		os.MkdirAll(filepath.Join(s.dir, "home", ".krew", "bin"), 0o755))
}

func (s *stage) environment(folder string) []string {
	tools := filepath.Join(s.dir, "tools")
	return []string{
		"PATH=" + tools + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + filepath.Join(s.dir, "home"), "TZ=UTC",
		"LANG=C.UTF-8", "NO_COLOR=1", "EDITOR=" + filepath.Join(tools, "editor"), "SCHEDULE=" + filepath.Join(folder, "schedule.yaml"),
		controlplane.LazyGC,
		// of floorkeeper run, whose default ports somebody else may have
		"FLOORKEEPER_METRICS_BIND_ADDRESS=0", "FLOORKEEPER_HEALTH_PROBE_BIND_ADDRESS=0",
	}
}

// folder makes the folder of a session: a checkout, and the fixtures of all pages and of this one.
func (s *stage) folder(t *testing.T, page string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "folder")
	for _, dir := range []string{"deploy", "schedules/examples", "docs/examples"} {
		if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
			continue
		}
		if err := os.CopyFS(filepath.Join(folder, dir), os.DirFS(filepath.Join(root, dir))); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(folder, "schedule.yaml"), schedule(t))
	write(t, filepath.Join(folder, "schedules", "schedule.yaml"), schedule(t))
	for _, fixtures := range []string{"folder", page} {
		err := copyOver(folder, filepath.Join("testdata", fixtures))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return folder
}

// copyOver copies a folder into another, where it replaces files.
func copyOver(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		target := filepath.Join(to, name)
		return errors.Join(err, os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, data, 0o644))
	})
}

// schedule is that of the cluster. Its window is always open, and its event opened an hour ago.
func schedule(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	return strings.NewReplacer("START", now.Add(-time.Hour).Format(time.RFC3339), "END", now.Add(2*time.Hour).Format(time.RFC3339)).Replace(string(text))
}

// prepare brings the cluster into the state in which a session begins.
func (s *stage) prepare(t *testing.T, variant string) {
	t.Helper()
	if s.installed == variant && !s.changed {
		return
	}
	was := s.installed
	if clean := was == bare && !s.changed; !clean && (was != variant || variant == bare || variant == abandoned) {
		s.uninstall(t)
	}
	s.installed, s.changed = "", false // until all is done
	s.resetApplications(t)
	if variant != bare {
		if was != variant || !s.intact(t) {
			s.install(t, variant)
		}
		s.await(t, "the fixture", []string{"video/images 25 over 4", "video/player 9 over 6", "shop/web 12 over 4", "shop/checkout 3"})
	}
	switch variant {
	case guarded:
		await.Success(t, "the floor guard", s.guardActs)
	case abandoned:
		s.uninstall(t)
	}
	s.installed = variant
}

// resetApplications makes the HPAs anew, as they are in the fixture.
func (s *stage) resetApplications(t *testing.T) {
	t.Helper()
	if s.fixture == nil {
		s.mustKubectl(t, "apply", "--filename=testdata/fixture.yaml")
		s.fixture = s.hpas(t)
	}
	for _, hpa := range s.hpas(t) {
		if err := s.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).Delete(t.Context(), hpa.Name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, hpa := range s.fixture {
		fresh := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: hpa.Namespace, Name: hpa.Name}, Spec: hpa.Spec}
		if _, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(hpa.Namespace).Create(t.Context(), fresh, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *stage) hpas(t *testing.T) []autoscalingv2.HorizontalPodAutoscaler {
	t.Helper()
	list, err := s.client.AutoscalingV2().HorizontalPodAutoscalers("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// intact reports whether what a session may have changed of the installation is as it was.
func (s *stage) intact(t *testing.T) bool {
	t.Helper()
	deployment, err := s.client.AppsV1().Deployments("floorkeeper").Get(t.Context(), "floorkeeper", metav1.GetOptions{})
	if err != nil || *deployment.Spec.Replicas != 2 {
		return false
	}
	configMap, err := s.client.CoreV1().ConfigMaps("floorkeeper").Get(t.Context(), "floorkeeper-schedule", metav1.GetOptions{})
	if err != nil || configMap.Data["schedule.yaml"] != s.schedule {
		return false
	}
	policies, err := s.client.AdmissionregistrationV1().MutatingAdmissionPolicies().List(t.Context(), metav1.ListOptions{LabelSelector: ownPods})
	return err == nil && len(policies.Items) == s.policies
}

// add gives the cluster, until the end of the test, what a page expects in it.
func (s *stage) add(t *testing.T, page string) {
	t.Helper()
	for _, name := range []string{"kinds.yaml", "objects.yaml"} {
		file := filepath.Join("testdata", page, name)
		if _, err := os.Stat(file); err != nil {
			continue
		}
		s.mustKubectl(t, "apply", "--filename="+file)
		s.mustKubectl(t, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
		t.Cleanup(func() {
			if _, err := s.Kubectl(context.Background(), "delete", "--ignore-not-found", "--filename="+file); err != nil {
				t.Error(err)
			}
		})
	}
}

func (s *stage) install(t *testing.T, variant string) {
	t.Helper()
	overlay := filepath.Join(s.dir, "deploy", variant)
	kustomization := `
resources: [../kustomize]
configMapGenerator:
  - name: floorkeeper-schedule
    behavior: replace
    files: [schedule.yaml]
    options: {disableNameSuffixHash: true}
`
	if variant == guarded {
		kustomization += "components: [../kustomize/policies/floor-guard]\n"
	}
	write(t, filepath.Join(overlay, "kustomization.yaml"), kustomization)
	s.schedule, s.policies = schedule(t), map[string]int{guarded: 2}[variant]
	write(t, filepath.Join(overlay, "schedule.yaml"), s.schedule)
	s.mustKubectl(t, "apply", "-k", overlay)
}

// uninstall removes all of floorkeeper, whatever a session left, apart from its namespace, which takes long to end.
func (s *stage) uninstall(t *testing.T) {
	t.Helper()
	s.mustKubectl(t, "--namespace=floorkeeper", "delete", "deployments,jobs,configmaps,secrets,roles,rolebindings,serviceaccounts,"+
		"poddisruptionbudgets,leases", "--all")
	s.mustKubectl(t, "delete", "clusterroles,clusterrolebindings,flowschemas,prioritylevelconfigurations,validatingadmissionpolicies,"+
		"validatingadmissionpolicybindings,mutatingadmissionpolicies,mutatingadmissionpolicybindings",
		"--selector=app.kubernetes.io/name=floorkeeper")
	await.Success(t, "floorkeeper's Pods to end", func(ctx context.Context) error {
		pods, err := s.client.CoreV1().Pods("floorkeeper").List(ctx, metav1.ListOptions{LabelSelector: ownPods})
		if err == nil && len(pods.Items) > 0 {
			err = fmt.Errorf("%d are there", len(pods.Items))
		}
		return err
	})
}

// guardActs fails until the floor guard keeps a floor.
func (s *stage) guardActs(ctx context.Context) error {
	stored, err := s.Kubectl(ctx, "--namespace=video", "patch", "hpa", "images", "--dry-run=server", `--patch={"spec":{"minReplicas":3}}`,
		"--output=jsonpath={.spec.minReplicas}")
	if err == nil && stored != "25" {
		err = fmt.Errorf("minReplicas would be %s", stored)
	}
	return err
}

func (s *stage) mustKubectl(t *testing.T, args ...string) {
	t.Helper()
	if out, err := s.Kubectl(t.Context(), args...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// run runs one of the tools with a text for its input, and returns all that it printed, also as part of the error.
func (s *stage) run(ctx context.Context, dir, stdin, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(s.dir, "tools", name), args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, s.environment(dir), strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %q: %w: %s", name, args, err, out)
	}
	return string(out), err
}
