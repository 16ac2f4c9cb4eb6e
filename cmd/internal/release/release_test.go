package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/floorkeeper/floorkeeper/cmd/internal/cli"
	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
	"github.com/floorkeeper/floorkeeper/test/kit/command"
)

func TestReleaseSaysWhatItCannotDo(t *testing.T) {
	t.Setenv("KUBECONFIG", t.TempDir()+"/none")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing is selected":             {nil, "say what to release: --all-namespaces, --namespace NAMESPACE or NAMESPACE/NAME; see release --help"},
		"force alone":                     {[]string{"--force"}, "say what to release"},
		"an empty namespace":              {[]string{"--namespace="}, "say what to release"},
		"all, and a namespace":            {[]string{"-A", "-n", "video"}, "--all-namespaces releases everything; leave it out, or the namespace and names"},
		"all, and a name":                 {[]string{"-A", "video/images"}, "--all-namespaces releases everything"},
		"a name without a namespace":      {[]string{"images"}, `the namespace of "images" is missing: write NAMESPACE/images, or give --namespace`},
		"two namespaces":                  {[]string{"-n", "video", "shop/web"}, `cannot use "shop/web" with --namespace video: write the name alone`},
		"a kind":                          {[]string{"-n", "video", "hpa/images"}, `cannot use "hpa/images" with --namespace video`},
		"a name with a kind":              {[]string{"video/hpa/images"}, `"video/hpa/images" is not the name of an HPA: write NAMESPACE/NAME`},
		"an empty name":                   {[]string{"video/"}, `"video/" is not the name of an HPA`},
		"an illegal namespace":            {[]string{"-n", "Video"}, `cannot use --namespace: "Video" is not the name of a namespace`},
		"a name in two namespaces":        {[]string{"-n", "video,shop", "web"}, `"web" may be in any of the namespaces video, shop: write NAMESPACE/NAME, without --namespace`},
		"a Deployment without namespace":  {[]string{"-A", "--stop-deployment=floorkeeper"}, `cannot use --stop-deployment "floorkeeper": write NAMESPACE/NAME`},
		"a hook without a Deployment":     {[]string{"-A", "--helm-hook"}, "--helm-hook is about a Deployment: give --stop-deployment"},
		"forced, and stopped":             {[]string{"-A", "--force", "--stop-deployment=a/b"}, "--force ignores a controller that runs, and --stop-deployment stops it: give one of them"},
		"a flag that does not exist":      {[]string{"--all"}, "unknown flag: --all"},
		"a Lease in no namespace":         {[]string{"-A", "--leader-election-namespace="}, `cannot use --leader-election-namespace: "" is not the name of a namespace`},
		"a kubeconfig that is not there":  {[]string{"-A", "--kubeconfig=not-there"}, "cannot find the API server: stat not-there: no such file or directory"},
		"a context that does not exist":   {[]string{"-A", "--context=moon"}, `cannot find the API server: context "moon" does not exist`},
		"no cluster, as no configuration": {[]string{"-A"}, "cannot find the API server: "},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := command.Run(t, cli.ExitCode, NewCommand(), "", test.args...)
			if code != 2 || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d and error %s, want 2 and one that says %q", code, stderr, test.want)
			}
		})
	}
}

// releasing runs release with --leader-election-namespace=floorkeeper and returns its exit code and what it printed.
func releasing(ctx context.Context, c client.Client, o options, args ...string) (code int, stdout, stderr string) {
	o.installation.Namespace = "floorkeeper"
	return nowhere(ctx, c, o, args...)
}

// nowhere is releasing without that flag.
func nowhere(ctx context.Context, c client.Client, o options, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	err := o.complete(args)
	if err == nil {
		err = release(ctx, &o, c, &out, &errs)
	}
	code, err = cli.ExitCode(err, &errs)
	if err != nil {
		fmt.Fprintln(&errs, err)
	}
	return code, out.String(), errs.String()
}

func TestReleaseTable(t *testing.T) {
	t.Parallel()
	damaged, illegal, free := command.Raised("video", "damaged"), command.Raised("video", "illegal"), command.Raised("video", "free")
	damaged.Annotations[autoscaler.AnnotationFloor] = "many"
	illegal.Annotations[autoscaler.AnnotationDeclaredBaseline] = "0"
	free.Annotations = nil
	patch := func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		switch {
		case o.GetName() == "refused":
			return apierrors.NewForbidden(autoscalingv2.Resource("horizontalpodautoscalers"), "refused", errors.New("not\n today"))
		case o.GetName() == "changed":
			return nil // a mutation took it back
		case o.GetName() == "kept" && patch.Type() == types.JSONPatchType:
			return apierrors.NewForbidden(autoscalingv2.Resource("horizontalpodautoscalers"), "kept", errors.New("not today"))
		}
		if err := c.Patch(ctx, o, patch, options...); err != nil || o.GetName() != "fought" {
			return err
		}
		again := command.Raised("shop", "fought")
		again.ResourceVersion = o.GetResourceVersion()
		return c.Update(ctx, again, client.FieldOwner(autoscaler.FieldManager))
	}
	c := command.Server(interceptor.Funcs{Patch: patch}, command.Raised("video", "images"), command.Raised("shop", "web"), command.Raised("shop", "refused"),
		command.Raised("shop", "changed"), command.Raised("shop", "kept"), command.Raised("shop", "fought"), damaged, illegal, free)

	code, stdout, stderr := releasing(t.Context(), c, options{}, "video/images", "video/free", "video/none", "video/images")
	wantReleased(t, 1, code, `
NAMESPACE   NAME     FROM   TO   RESULT
video       free     24     24   nothing held
video       images   24     4    released
video       none     -      -    not found
`, stdout, "not released: 1 of 3 HorizontalPodAutoscalers\n", stderr)

	code, stdout, stderr = releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 1, code, `
NAMESPACE   NAME      FROM   TO   RESULT
shop        changed   24     24   still held: another policy or webhook of the API server changed the patch
shop        fought    24     4    released, and raised again: a controller runs
shop        kept      24     4    released, but field ownership is not handed back, refused: horizontalpodautoscalers.autoscaling "kept" is forbidden: not today
shop        refused   24     24   refused: horizontalpodautoscalers.autoscaling "refused" is forbidden: not today
shop        web       24     4    released
video       damaged   24     24   damaged: its baseline is unknown, left as it is
video       illegal   24     1    released, to the nearest valid value: the owner's value 0 is not valid
`, stdout, `
video/damaged is damaged. Say which minReplicas it should have, in place of N, and release it again:
kubectl -n video annotate hpa damaged floorkeeper.dev/declared-baseline=N --overwrite
not released: 5 of 7 HorizontalPodAutoscalers
`, stderr)

	code, stdout, stderr = releasing(t.Context(), c, options{namespaces: []string{"video"}}, "images", "video/illegal")
	wantReleased(t, 0, code, `
NAMESPACE   NAME      FROM   TO   RESULT
video       illegal   1      1    nothing held
video       images    4      4    nothing held
`, stdout, "", stderr)
}

func wantReleased(t *testing.T, code, got int, table, stdout, words, stderr string) {
	t.Helper()
	if code != got {
		t.Errorf("the exit code is %d, want %d", got, code)
	}
	if diff := cmp.Diff(strings.TrimPrefix(table, "\n"), stdout); diff != "" {
		t.Errorf("standard output (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(words, stderr); diff != "" {
		t.Errorf("standard error (-want +got):\n%s", diff)
	}
}

// TestReleaseFollowsPages lists from a server that gives two HPAs at a time, and whose second page expires at first.
func TestReleaseFollowsPages(t *testing.T) {
	t.Parallel()
	var hpas []*autoscalingv2.HorizontalPodAutoscaler
	for i := range 5 {
		hpas = append(hpas, command.Raised("video", fmt.Sprintf("images-%d", i)))
	}
	expired := 0
	list := func(ctx context.Context, c client.WithWatch, l client.ObjectList, options ...client.ListOption) error {
		asked := (&client.ListOptions{}).ApplyOptions(options)
		all, ofHPAs := l.(*autoscalingv2.HorizontalPodAutoscalerList)
		if err := c.List(ctx, l, client.InNamespace(asked.Namespace)); err != nil || asked.Limit == 0 || !ofHPAs {
			return err
		}
		from := 0
		if asked.Continue != "" {
			if expired++; expired == 1 {
				return apierrors.NewResourceExpired("too old")
			}
			if _, err := fmt.Sscan(asked.Continue, &from); err != nil {
				return err
			}
		}
		to := min(from+2, len(all.Items))
		if to < len(all.Items) {
			all.Continue = fmt.Sprint(to)
		}
		all.Items = all.Items[from:to]
		return nil
	}
	c := command.Server(interceptor.Funcs{List: list}, hpas...)
	code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true})
	if code != 0 || strings.Count(stdout, "released\n") != 5 || expired != 3 {
		t.Errorf("exit code %d, %d later pages:\n%s%s", code, expired, stdout, stderr)
	}
}

// TestReleaseSeesWhatIsRaisedMeanwhile raises a free HPA while another is released.
func TestReleaseSeesWhatIsRaisedMeanwhile(t *testing.T) {
	t.Parallel()
	patch := func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		if patch.Type() == types.MergePatchType {
			if err := c.Create(ctx, command.Raised("shop", "web")); err != nil {
				return err
			}
		}
		return c.Patch(ctx, o, patch, options...)
	}
	c := command.Server(interceptor.Funcs{Patch: patch}, command.Raised("video", "images"))
	code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 1, code, `
NAMESPACE   NAME     FROM   TO   RESULT
shop        web      -      -    raised meanwhile: a controller runs
video       images   24     4    released
`, stdout, "not released: 1 of 2 HorizontalPodAutoscalers\n", stderr)
}

// TestReleaseIsInterrupted finishes what it has begun, begins nothing more, and does the rest when it is run again.
func TestReleaseIsInterrupted(t *testing.T) {
	t.Parallel()
	var hpas []*autoscalingv2.HorizontalPodAutoscaler
	for i := range 5 * releaseWorkers {
		hpas = append(hpas, command.Raised("video", fmt.Sprintf("images-%d", i)))
	}
	ctx, interrupt := context.WithCancel(t.Context())
	var patches atomic.Int32
	patch := func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		if patches.Add(1) == releaseWorkers+2 {
			interrupt()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return c.Patch(ctx, o, patch, options...)
	}
	c := command.Server(interceptor.Funcs{Patch: patch}, hpas...)
	code, stdout, stderr := releasing(ctx, c, options{allNamespaces: true})
	done, left := strings.Count(stdout, "released\n"), strings.Count(stdout, "not tried: interrupted\n")
	if code != 1 || done < releaseWorkers || left == 0 || done+left != len(hpas) || !strings.Contains(stderr, "interrupted; run it again for the rest\n") {
		t.Errorf("exit code %d, %d released and %d left of %d:\n%s", code, done, left, len(hpas), stderr)
	}
	list := &autoscalingv2.HorizontalPodAutoscalerList{}
	if err := c.List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for _, hpa := range list.Items {
		if autoscaler.Leftovers(&hpa) != (*hpa.Spec.MinReplicas == 24) {
			t.Errorf("%s was left in the middle: minReplicas %d, %v, %v", hpa.Name, *hpa.Spec.MinReplicas, hpa.Annotations, hpa.ManagedFields)
		}
	}
	code, stdout, _ = releasing(t.Context(), c, options{allNamespaces: true})
	if code != 0 || strings.Count(stdout, "released\n") != left {
		t.Errorf("run again: exit code %d\n%s", code, stdout)
	}
}

func managed(name, by string) *autoscalingv2.HorizontalPodAutoscaler {
	hpa := command.Raised("video", name)
	hpa.Annotations[autoscaler.AnnotationManagedBy] = by
	return hpa
}

// deploy creates the Deployment of an installation.
func deploy(t *testing.T, c client.Client, namespace string) {
	t.Helper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "keeper", Labels: map[string]string{"app.kubernetes.io/name": "floorkeeper"}}}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Args: []string{"run"}}}
	if err := c.Create(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// Two installations in one cluster: the other one runs, and would raise its HPAs again.
func TestReleaseLeavesOtherInstallations(t *testing.T) {
	t.Parallel()
	c := command.Server(interceptor.Funcs{}, managed("ours", "floorkeeper/floorkeeper"), managed("theirs", "ops/floorkeeper"), managed("named", "ops/floorkeeper"))
	deploy(t, c, "ops")
	code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 0, code, `
NAMESPACE   NAME   FROM   TO   RESULT
video       ours   24     4    released
`, stdout, "2 HorizontalPodAutoscalers of the installation ops/floorkeeper left as they are; to release them: "+
		"--leader-election-namespace=ops, and --force if it is not installed any more\n", stderr)
	code, stdout, stderr = releasing(t.Context(), c, options{}, "video/named")
	wantReleased(t, 0, code, `
NAMESPACE   NAME    FROM   TO   RESULT
video       named   24     4    released
`, stdout, "", stderr)
}

// An installation that was moved to another namespace takes its own HPAs for those of another one, which does not run.
func TestReleaseOfAMovedInstallation(t *testing.T) {
	t.Parallel()
	c := command.Server(interceptor.Funcs{}, managed("images", "ops/floorkeeper"))
	const left = "1 HorizontalPodAutoscaler of the installation ops/floorkeeper left as they are; to release them: " +
		"--leader-election-namespace=ops, and --force if it is not installed any more\n"
	code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 1, code, "", stdout, left+"all HPAs that are held belong to other installations, so nothing is released, and of these no "+
		"controller runs: ops/floorkeeper; release what they hold, and repeat this\n", stderr)
	deploy(t, c, "ops") // it is only scaled to 0
	code, stdout, stderr = releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 0, code, "", stdout, left+"No other HorizontalPodAutoscaler is held.\n", stderr)
}

// A mark of an installation that is gone, on an HPA that nobody holds, is nothing to give back: it fails no uninstall.
func TestReleaseOfAMarkAlone(t *testing.T) {
	t.Parallel()
	free := command.Raised("video", "images")
	free.Annotations = map[string]string{autoscaler.AnnotationManagedBy: "ops/floorkeeper"}
	c := command.Server(interceptor.Funcs{}, free)
	code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 0, code, "", stdout, "No HorizontalPodAutoscaler is held.\n", stderr)
}

// With --force nobody asks a Lease, and yet another installation keeps its floors.
func TestReleaseForcedAsksWhose(t *testing.T) {
	t.Parallel()
	c := command.Server(interceptor.Funcs{}, managed("images", "floorkeeper/floorkeeper"), managed("player", "ops/floorkeeper"))
	deploy(t, c, "ops")
	code, stdout, stderr := nowhere(t.Context(), c, options{allNamespaces: true, force: true})
	wantReleased(t, 1, code, "", stdout, "these HPAs belong to installations in several namespaces, and some may run: floorkeeper, ops; choose one "+
		"with --leader-election-namespace\n", stderr)
	code, stdout, _ = releasing(t.Context(), c, options{allNamespaces: true, force: true})
	if code != 0 || strings.Contains(stdout, "player") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
	code, stdout, stderr = nowhere(t.Context(), c, options{allNamespaces: true, force: true})
	wantReleased(t, 0, code, `
NAMESPACE   NAME     FROM   TO   RESULT
video       player   24     4    released
`, stdout, "", stderr)
}

// Where nothing else shows where floorkeeper is installed, the marks on HPAs do. Of HPAs that are named they come first: it is
// that controller which would raise them again.
func TestReleaseFindsTheLeaseByMarks(t *testing.T) {
	t.Parallel()
	c := command.Server(interceptor.Funcs{}, managed("images", "ops/floorkeeper"))
	for _, args := range [][]string{nil, {"video/images"}} {
		code, _, stderr := nowhere(t.Context(), c, options{allNamespaces: args == nil}, args...)
		if code != 1 || !strings.Contains(stderr, "there is no Lease ops/floorkeeper") {
			t.Errorf("%v: exit code %d and %s", args, code, stderr)
		}
	}
	deploy(t, c, "floorkeeper")
	if err := c.Create(t.Context(), &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "ops", Name: "floorkeeper"}}); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := nowhere(t.Context(), c, options{}, "video/images")
	wantReleased(t, 0, code, `
NAMESPACE   NAME     FROM   TO   RESULT
video       images   24     4    released
`, stdout, "", stderr)
}

// Two installations cover one HPA: the other one takes it over as soon as it is released, as it should.
func TestReleaseIsTakenOver(t *testing.T) {
	t.Parallel()
	patch := func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
		if err := c.Patch(ctx, o, patch, options...); err != nil {
			return err
		}
		again := managed("images", "ops/floorkeeper")
		again.ResourceVersion = o.GetResourceVersion()
		return c.Update(ctx, again, client.FieldOwner(autoscaler.FieldManager))
	}
	c := command.Server(interceptor.Funcs{Patch: patch}, managed("images", "floorkeeper/floorkeeper"))
	deploy(t, c, "ops")
	code, stdout, _ := releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 0, code, `
NAMESPACE   NAME     FROM   TO   RESULT
video       images   24     4    released, and raised by another installation, ops/floorkeeper
`, stdout, "", "")
}

// Somebody took the annotations off, and the Lease has the baseline still.
func TestReleaseReadsTheNotes(t *testing.T) {
	t.Parallel()
	var hpas []*autoscalingv2.HorizontalPodAutoscaler
	notes := ""
	for _, name := range []string{"alone", "chosen", "created", "damaged", "declared", "lowered", "owned", "unseen"} {
		hpa := command.Raised("video", name)
		hpa.UID = types.UID(name + "-of-the-first")
		notes += fmt.Sprintf("video/%s=4,24,%d,%.8s;", name, map[bool]int{name != "chosen" && name != "unseen": 1}[true], hpa.UID)
		if hpa.Annotations = nil; name == "created" {
			hpa.UID = "another"
		}
		hpas = append(hpas, hpa)
	}
	hpas[3].Annotations = map[string]string{autoscaler.AnnotationFloor: "24"}
	hpas[4].Annotations = map[string]string{autoscaler.AnnotationDeclaredBaseline: "5"}
	hpas[5].Spec.MinReplicas = new(int32(7))
	for _, hpa := range []*autoscalingv2.HorizontalPodAutoscaler{hpas[1], hpas[6]} {
		hpa.ManagedFields = []metav1.ManagedFieldsEntry{{
			Manager: "kubectl-edit", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "autoscaling/v2", FieldsType: "FieldsV1",
			FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:minReplicas":{}}}`),
		}}
	}
	c := command.Server(interceptor.Funcs{}, hpas...)
	noted := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"`+cli.AnnotationNotes+`":"`+notes+`"}}}`))
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "floorkeeper", Name: "floorkeeper"}}
	if err := c.Patch(t.Context(), lease, noted); err != nil {
		t.Fatal(err)
	}
	const words = `
video/damaged is damaged. Say which minReplicas it should have, in place of 4, which it was before the floor of 24, and release it again:
kubectl -n video annotate hpa damaged floorkeeper.dev/declared-baseline=4 --overwrite

video/owned is damaged. Say which minReplicas it should have, in place of 4, which it was before the floor of 24, and release it again:
kubectl -n video annotate hpa owned floorkeeper.dev/declared-baseline=4 --overwrite
not released: 2 of 5 HorizontalPodAutoscalers
`
	code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 1, code, `
NAMESPACE   NAME       FROM   TO   RESULT
video       alone      24     4    released
video       damaged    24     24   damaged: its baseline was 4, left as it is
video       declared   24     5    released
video       owned      24     24   damaged: its baseline was 4, left as it is
video       unseen     24     4    released
`, stdout, words, stderr)
	for name, baseline := range map[string]string{"damaged": "4", "owned": "24"} {
		patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"floorkeeper.dev/declared-baseline":"`+baseline+`"}}}`))
		hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "video", Name: name}}
		if err := c.Patch(t.Context(), hpa, patch); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr = releasing(t.Context(), c, options{allNamespaces: true})
	wantReleased(t, 0, code, `
NAMESPACE   NAME      FROM   TO   RESULT
video       damaged   24     4    released
`, stdout, "", stderr)
	code, stdout, stderr = releasing(t.Context(), c, options{}, "video/owned", "video/alone")
	wantReleased(t, 0, code, `
NAMESPACE   NAME    FROM   TO   RESULT
video       alone   4      4    nothing held
video       owned   24     24   nothing held
`, stdout, "", stderr)
}

// Whoever holds the Lease is named, also where the timeout interrupts a look at it.
func TestReleaseNamesWhoHasNotEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		c := command.Server(interceptor.Funcs{
			SubResourcePatch: func(_ context.Context, _ client.Client, _ string, _ client.Object, _ client.Patch, opts ...client.SubResourcePatchOption) error {
				return scaled((&client.SubResourcePatchOptions{}).ApplyOptions(opts).SubResourceBody.(*autoscalingv1.Scale))
			},
			Get: func(_ context.Context, _ client.WithWatch, _ client.ObjectKey, o client.Object, _ ...client.GetOption) error {
				looks++
				return holder(3)(looks, o.(*coordinationv1.Lease))
			},
		}, command.Raised("video", "images"))
		code, _, stderr := releasing(t.Context(), c, options{allNamespaces: true, stopDeployment: "floorkeeper/floorkeeper"})
		if code != 1 || !strings.Contains(stderr, "has not ended within 2m0s: floorkeeper-1 still holds Lease floorkeeper/floorkeeper\n") {
			t.Errorf("exit code %d and %s", code, stderr)
		}
	})
}

func TestReleaseStopsTheController(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		patch func(scale *autoscalingv1.Scale) error
		pods  []string // that are there when the Pods are listed for the first time
		code  int
		want  string
	}{
		"it ends":                      {scaled, []string{"floorkeeper-1"}, 0, "Deployment floorkeeper/floorkeeper is scaled to 0; waiting up to 2m0s until its controller has ended\n"},
		"a Pod of somebody else stays": {scaled, nil, 0, "waiting up to 2m0s"},
		"the Deployment is gone": {func(*autoscalingv1.Scale) error {
			return apierrors.NewNotFound(appsv1.Resource("deployments"), "floorkeeper")
		}, nil, 0, "Deployment floorkeeper/floorkeeper does not exist\n"},
		"the scale may not be patched": {func(*autoscalingv1.Scale) error {
			return apierrors.NewForbidden(appsv1.Resource("deployments"), "floorkeeper", errors.New("not today"))
		}, nil, 1, "cannot scale Deployment floorkeeper/floorkeeper to 0: "},
		"the scale has no selector yet": {func(*autoscalingv1.Scale) error { return nil }, nil, 2, `cannot read the selector "" of Deployment floorkeeper/floorkeeper`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lists := 0
			c := command.Server(interceptor.Funcs{
				SubResourcePatch: func(_ context.Context, _ client.Client, sub string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
					options := (&client.SubResourcePatchOptions{}).ApplyOptions(opts)
					if data, err := patch.Data(o); err != nil || sub != "scale" || string(data) != `{"spec":{"replicas":0}}` {
						t.Errorf("the patch of %s is %s, %v", sub, data, err)
					}
					return test.patch(options.SubResourceBody.(*autoscalingv1.Scale))
				},
				List: func(ctx context.Context, c client.WithWatch, l client.ObjectList, options ...client.ListOption) error {
					if pods, ok := l.(*corev1.PodList); ok {
						if lists++; lists == 2 {
							return nil // they have ended
						}
						return c.List(ctx, pods, options...)
					}
					return c.List(ctx, l, options...)
				},
			}, command.Raised("video", "images"))
			for _, pod := range append(test.pods, "stranger") {
				object := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "floorkeeper", Name: pod, Labels: map[string]string{"app": strings.TrimSuffix(pod, "-1")}}}
				if err := c.Create(t.Context(), object); err != nil {
					t.Fatal(err)
				}
			}
			code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true, stopDeployment: "floorkeeper/floorkeeper"})
			if released := strings.Contains(stdout, "released\n"); code != test.code || released != (code == 0) || !strings.Contains(stderr, test.want) {
				t.Errorf("exit code %d, want %d; standard error, which should say %q:\n%s%s", code, test.code, test.want, stderr, stdout)
			}
			if test.pods != nil && lists != 2 {
				t.Errorf("the Pods were listed %d times, want 2", lists)
			}
		})
	}
}

// A misspelt Deployment must not look like a success, after which the installation is deleted while HPAs are held. The hook of a
// release knows its own name.
func TestReleaseOfAMisspeltDeployment(t *testing.T) {
	t.Parallel()
	for hook, want := range map[bool]int{false: 1, true: 0} {
		c := command.Server(interceptor.Funcs{
			SubResourcePatch: func(context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
				return apierrors.NewNotFound(appsv1.Resource("deployments"), "floorkeeper")
			},
		}, managed("images", "ops/floorkeeper"))
		deploy(t, c, "ops")
		code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true, helmHook: hook, stopDeployment: "floorkeeper/floorkeeper"})
		if code != want || stdout != "" || strings.Contains(stderr, "is its name misspelt?") == hook {
			t.Errorf("hook: %t: exit code %d, want %d\n%s%s", hook, code, want, stdout, stderr)
		}
	}
}

// The Job of the chart that somebody applied with kubectl, at the installation: it must not stop the controller.
func TestReleaseAsHookOfNobody(t *testing.T) {
	t.Parallel()
	for mark, hooked := range map[string]bool{"meta.helm.sh/release-name": true, "argocd.argoproj.io/tracking-id": true, "kubectl.kubernetes.io/last-applied-configuration": false} {
		stopped := false
		c := command.Server(interceptor.Funcs{
			SubResourcePatch: func(_ context.Context, _ client.Client, _ string, _ client.Object, _ client.Patch, opts ...client.SubResourcePatchOption) error {
				stopped = true
				return scaled((&client.SubResourcePatchOptions{}).ApplyOptions(opts).SubResourceBody.(*autoscalingv1.Scale))
			},
		}, command.Raised("video", "images"))
		meta := metav1.ObjectMeta{Namespace: "floorkeeper", Name: "floorkeeper", Annotations: map[string]string{mark: "floorkeeper"}}
		if err := c.Create(t.Context(), &appsv1.Deployment{ObjectMeta: meta}); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true, helmHook: true, stopDeployment: "floorkeeper/floorkeeper"})
		if released := strings.Contains(stdout, "released"); released != hooked || stopped != hooked || (code == 0) != hooked || strings.Contains(stderr, "--no-hooks") == hooked {
			t.Errorf("with the annotation %s: exit code %d, stopped: %t\n%s%s", mark, code, stopped, stdout, stderr)
		}
	}
}

func scaled(scale *autoscalingv1.Scale) error {
	scale.Status.Selector = "app=floorkeeper"
	return nil
}

func TestReleaseHeedsTheHolder(t *testing.T) {
	for name, test := range map[string]struct {
		look func(number int, lease *coordinationv1.Lease) error // what each look at the Lease finds
		want string
	}{
		"nobody holds it":        {func(int, *coordinationv1.Lease) error { return nil }, ""},
		"it was given back":      {func(_ int, l *coordinationv1.Lease) error { l.Spec.HolderIdentity = new(""); return nil }, ""},
		"a holder that is alive": {holder(3), "a controller runs, floorkeeper-1 holds Lease floorkeeper/floorkeeper"},
		"a holder that is dead":  {holder(1000), ""},
		"a holder that leaves": {func(number int, l *coordinationv1.Lease) error {
			if number < 2 {
				return holder(1000)(number, l)
			}
			l.ResourceVersion = "2000"
			return nil
		}, ""},
		"it goes away": {func(number int, l *coordinationv1.Lease) error {
			if number < 2 {
				return holder(1000)(number, l)
			}
			return apierrors.NewNotFound(coordinationv1.Resource("leases"), "floorkeeper")
		}, "there is no Lease floorkeeper/floorkeeper"},
		"it may not be read": {func(int, *coordinationv1.Lease) error {
			return apierrors.NewForbidden(coordinationv1.Resource("leases"), "floorkeeper", errors.New("not today"))
		}, "cannot read Lease floorkeeper/floorkeeper, so it is unknown whether a controller runs: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			looks := 0
			get := func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
				lease, ok := o.(*coordinationv1.Lease)
				if !ok {
					return c.Get(ctx, key, o, options...)
				}
				looks++
				return test.look(looks, lease)
			}
			c := command.Server(interceptor.Funcs{Get: get}, command.Raised("video", "images"))
			for _, forced := range []bool{false, true} {
				code, stdout, stderr := releasing(t.Context(), c, options{allNamespaces: true, force: forced})
				switch refused := test.want != "" && !forced; {
				case refused && (code != 1 || stdout != "" || !strings.Contains(stderr, test.want)):
					t.Errorf("not refused: exit code %d, %s%s", code, stdout, stderr)
				case !refused && (code != 0 || !strings.Contains(stdout+stderr, "released") && !strings.Contains(stderr, "is held")):
					t.Errorf("not released: exit code %d, %s%s", code, stdout, stderr)
				}
			}
		})
	}
}

// holder is floorkeeper-1, who holds a Lease of two seconds and renews it every so many looks.
func holder(every int) func(int, *coordinationv1.Lease) error {
	return func(number int, lease *coordinationv1.Lease) error {
		lease.ResourceVersion = fmt.Sprint(1 + number/every)
		lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds = new("floorkeeper-1"), new(int32(2))
		longAgo := metav1.NewMicroTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) // clocks do not count
		lease.Spec.RenewTime = &longAgo
		return nil
	}
}
