package deploy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/floorkeeper/floorkeeper/config"
	"github.com/floorkeeper/floorkeeper/config/source"
)

// Everything must follow the namespace that the user chose, and nothing may be left behind in another.
func TestNamespaceIsTheOneChosen(t *testing.T) {
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			m := render(t, v.dir(t))
			if got := only[corev1.Namespace](t, m, "Namespace").Name; got != v.namespace {
				t.Errorf("the Namespace is %s, want %s", got, v.namespace)
			}
			for _, object := range m {
				checkNamespace(t, v, object.GetKind(), object.GetName(), object.GetNamespace())
			}
			for _, object := range slices.Concat(m.kind("RoleBinding"), m.kind("ClusterRoleBinding")) {
				binding := as[rbacv1.RoleBinding](t, object)
				want := []rbacv1.Subject{{Kind: "ServiceAccount", Name: "floorkeeper", Namespace: v.namespace}}
				if diff := cmp.Diff(want, binding.Subjects); diff != "" {
					t.Errorf("%s %s/%s binds (-want +got):\n%s", object.GetKind(), binding.Namespace, binding.Name, diff)
				}
			}
			account := fmt.Sprintf("request.userInfo.username == %q", "system:serviceaccount:"+v.namespace+":floorkeeper")
			scopes := []string{"floorkeeper-floor-scope"}
			if v.raising {
				scopes = append(scopes, "floorkeeper-floor-scope-targets")
			}
			for _, name := range scopes {
				scope := only[admissionregistrationv1.ValidatingAdmissionPolicy](t, m.named(name), "ValidatingAdmissionPolicy")
				if got := scope.Spec.MatchConditions[0].Expression; len(scope.Spec.MatchConditions) != 1 || got != account {
					t.Errorf("%s is for %s, want %s and nothing else", name, got, account)
				}
			}
			if got := slices.Contains(m.arguments(t), "--raise-targets"); got != v.raising {
				t.Errorf("--raise-targets is given: %t, want %t", got, v.raising)
			}
			if v.guarded {
				handBack := only[admissionregistrationv1.MutatingAdmissionPolicy](t, m.named("floorkeeper-floor-hand-back"), "MutatingAdmissionPolicy")
				if got := handBack.Spec.MatchConditions[0].Expression; got != account {
					t.Errorf("the floor hand-back is for %s, want %s", got, account)
				}
			}
			configMap := only[corev1.ConfigMap](t, m, "ConfigMap")
			want := []string{v.namespace + "/" + configMap.Name}
			if diff := cmp.Diff(want, values(m.arguments(t), "schedule-configmap")); diff != "" {
				t.Errorf("--schedule-configmap (-want +got):\n%s", diff)
			}
		})
	}
}

// checkNamespace lets grants be in the namespaces that they grant, and all else in floorkeeper's own. kustomize does not
// know that admission policies are in no namespace; kubectl does, and drops it.
func checkNamespace(t *testing.T, v variant, kind, name, namespace string) {
	t.Helper()
	switch {
	case kind == "Namespace" || strings.HasPrefix(kind, "Cluster"):
		if namespace != "" {
			t.Errorf("%s %s has namespace %s, want none", kind, name, namespace)
		}
	case name == "floorkeeper-floors":
		if !slices.Contains(v.granted, namespace) {
			t.Errorf("%s %s is in %s, want one of %q", kind, name, namespace, v.granted)
		}
	case strings.Contains(kind, "AdmissionPolicy") && namespace == "": // of a component above the folder that sets the namespace
	case namespace != v.namespace:
		t.Errorf("%s %s is in %q, want %q", kind, name, namespace, v.namespace)
	}
}

// A namespace that is watched but not granted keeps floorkeeper from starting; one that is granted but not watched has
// no floors.
func TestWatchedNamespacesAreTheGrantedOnes(t *testing.T) {
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			m := render(t, v.dir(t))
			watched := values(m.arguments(t), "namespaces")
			slices.Sort(watched)
			if diff := cmp.Diff(v.granted, watched); diff != "" {
				t.Errorf("--namespaces (-want +got):\n%s", diff)
			}
			for _, kind := range []string{"Role", "RoleBinding"} {
				var granted []string
				for _, object := range m.kind(kind) {
					if object.GetName() == "floorkeeper-floors" {
						granted = append(granted, object.GetNamespace())
					}
				}
				slices.Sort(granted)
				if diff := cmp.Diff(v.granted, granted); diff != "" {
					t.Errorf("namespaces with a %s (-want +got):\n%s", kind, diff)
				}
			}
			want := 2 // a ClusterRole and its ClusterRoleBinding
			if v.granted != nil {
				want = 0
			}
			if v.guarded {
				want += 2 // to read the policies
			}
			if v.secured {
				want += 3 // to ask who scrapes, and a ClusterRole for whoever does
			}
			if got := len(m.kind("ClusterRole")) + len(m.kind("ClusterRoleBinding")); got != want {
				t.Errorf("%d ClusterRoles and ClusterRoleBindings, want %d", got, want)
			}
		})
	}
}

// The schedule must reach the container as a directory that kubelet refreshes, where the arguments look for it.
func TestScheduleIsMountedAsDirectory(t *testing.T) {
	m := render(t, clusterWide)
	pod := only[appsv1.Deployment](t, m, "Deployment").Spec.Template.Spec
	configMap := only[corev1.ConfigMap](t, m, "ConfigMap").Name
	if len(pod.Volumes) != 1 || pod.Volumes[0].ConfigMap == nil || pod.Volumes[0].ConfigMap.Name != configMap {
		t.Fatalf("the volumes are not just the ConfigMap %s: %+v", configMap, pod.Volumes)
	}
	args := values(m.arguments(t), "schedule")
	if len(args) != 1 {
		t.Fatalf("--schedule is given %d times, want once", len(args))
	}
	want := []corev1.VolumeMount{{Name: pod.Volumes[0].Name, MountPath: args[0], ReadOnly: true}}
	if diff := cmp.Diff(want, pod.Containers[0].VolumeMounts); diff != "" {
		t.Errorf("mounts (-want +got):\n%s", diff)
	}
}

// The addresses in the arguments must be the ports that the container declares and that the probes ask.
func TestPortsAndProbesMatchArguments(t *testing.T) {
	m := render(t, clusterWide)
	container := only[appsv1.Deployment](t, m, "Deployment").Spec.Template.Spec.Containers[0]
	got := map[string]string{}
	for _, port := range container.Ports {
		got[port.Name] = fmt.Sprintf(":%d", port.ContainerPort)
	}
	args := m.arguments(t)
	want := map[string]string{
		"metrics": strings.Join(values(args, "metrics-bind-address"), ","),
		"health":  strings.Join(values(args, "health-probe-bind-address"), ","),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ports (-arguments +declared):\n%s", diff)
	}
	for path, probe := range map[string]*corev1.Probe{"/healthz": container.LivenessProbe, "/readyz": container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path || probe.HTTPGet.Port.StrVal != "health" {
			t.Errorf("no probe of %s on port health: %+v", path, probe)
		}
	}
}

func TestShippedScheduleIsValidAndHarmless(t *testing.T) {
	data := only[corev1.ConfigMap](t, render(t, clusterWide), "ConfigMap").Data
	if len(data) != 1 || data["schedule.yaml"] == "" {
		t.Fatalf("the ConfigMap has not just schedule.yaml: %q", data)
	}
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(data["schedule.yaml"])})
	if err != nil {
		t.Fatalf("the shipped schedule is not valid: %v", err)
	}
	if windows, events := len(schedule.Windows()), len(schedule.Events()); windows != 0 || events != 0 {
		t.Errorf("the shipped schedule has %d windows and %d events, want none", windows, events)
	}
}

// Whoever follows the comment in the shipped schedule must get a valid one.
func TestCommentedScheduleIsValid(t *testing.T) {
	text := only[corev1.ConfigMap](t, render(t, clusterWide), "ConfigMap").Data["schedule.yaml"]
	head, comment, ok := strings.Cut(text, "windows: []\n")
	if !ok {
		t.Fatal("the shipped schedule does not say windows: []")
	}
	_, comment, ok = strings.Cut(comment, "every weekday evening:\n")
	if !ok {
		t.Fatal("the shipped schedule has no commented example")
	}
	var example strings.Builder
	for line := range strings.Lines(comment) {
		example.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
	}
	schedule, err := config.Parse(source.File{Name: "schedule.yaml", Data: []byte(head + example.String())})
	if err != nil {
		t.Fatalf("the commented example is not valid: %v\n%s", err, example.String())
	}
	if windows, events := len(schedule.Windows()), len(schedule.Events()); windows != 1 || events != 1 {
		t.Errorf("the commented example has %d windows and %d events, want 1 and 1", windows, events)
	}
}
