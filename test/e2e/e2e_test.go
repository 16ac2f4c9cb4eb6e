// Package e2e runs floorkeeper's real binary against a real control plane, with the rights that deploy/kustomize grants
// it and a schedule directory as the kubelet mounts it. Tests act as people do, through the schedule, kubectl and
// signals, and judge what is then in the cluster: HPAs, Deployments, Events, metrics. It imports nothing of floorkeeper but the
// checker of histories.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/floorkeeper/floorkeeper/test/kit"
	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// TestMain lets the plays run side by side on any number of processors: what they do is wait.
func TestMain(m *testing.M) {
	kit.Main(m, kit.Options{Parallel: 33, Setup: func(_ context.Context, s *kit.Suite) error {
		s.Cleanup(wantNothingLeft)
		return nil
	}})
}

// wantNothingLeft checks that no goroutine and no process outlives the tests.
func wantNothingLeft() error {
	err := goleak.Find()
	if pid, wait := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(wait, syscall.ECHILD) {
		err = errors.Join(err, wait, fmt.Errorf("a process was left behind: %d", pid))
	}
	return err
}

// play is a test of one behaviour in a namespace of its own.
type play struct {
	name string
	run  func(*testing.T, *scene)
}

// together are the plays that one floorkeeper serves at the same time, as it is deployed: for every namespace.
func together() []play {
	return []play{
		{"a window opens and closes", windowOpensAndCloses},
		{"a window of yesterday is open", windowOfYesterday},
		{"the lead time comes first", leadTimeComesFirst},
		{"a ramp climbs and descends", ramp},
		{"an event multiplies two windows", multiplierOverTwoWindows},
		{"a selector covers every namespace", selectorCoversEveryNamespace},
		{"a percentage is of the baseline", percentOfTheBaseline},
		{"zero is given back", zeroIsGivenBack},
		{"a floor above maxReplicas is clamped", clampedToMax},
		{"an edit becomes the baseline", editBecomesBaseline},
		{"a recreated HPA starts afresh", recreatedStartsAfresh},
		{"a label change ends the match", labelEndsMatch},
		{"an entry is removed", entryRemoved},
		{"ignore releases", ignoreReleases},
		{"KEDA is refused", kedaIsRefused},
		{"kube-system is excluded", kubeSystemIsExcluded},
		{"damage is left alone", damageIsLeftAlone},
		{"describe tells the story", describeTellsTheStory},
		{"every writer is heard", everyWriterIsHeard},
		{"maxReplicas is the owner's", maxReplicasIsTheOwners},
		{"a file is removed", fileRemoved},
		{"the account may no more", accountMayNoMore},
		{"a declaration is not imposed", declaredIsNotImposed},
		{"a declaration is the baseline", declaredIsTheBaseline},
		{"a declaration outlasts a writer", declaredOutlastsAWriter},
		{"a declaration heals", declaredHeals},
		{"a declaration is no limit", declaredIsNoLimit},
		{"a healing is reported", healingIsReported},
		{"a declaration is withdrawn", declarationIsWithdrawn},
		{"a declaration is ignored", declarationIsIgnored},
		{"an illegal baseline is moved", illegalBaselineIsMoved},
		{"the manifests are admitted", manifestsAreAdmitted},
	}
}

// alone are the plays that start, kill and misconfigure floorkeepers of their own, each limited to its namespace.
func alone() []play {
	return []play{
		{"a broken edit changes nothing", brokenEditChangesNothing},
		{"an invalid start touches nothing", invalidStartTouchesNothing},
		{"a restart keeps the floors", restartKeepsFloors},
		{"the settle time trusts the promise", settleTimeTrustsThePromise},
		{"the settle time ends with the file", settleTimeEndsWithTheFile},
		{"the settle time heeds ignore", settleTimeHeedsIgnore},
		{"many edits come in a row", manyEditsInARow},
		{"missed boundaries are made up for", missedBoundariesAreMadeUpFor},
		{"tomorrow's problems are reported", tomorrowsProblemsAreReported},
		{"a dry run writes nothing", dryRunWritesNothing},
		{"patches are bounded", patchesAreBounded},
		{"the standby takes over", standbyTakesOver},
		{"the steady state is silent", steadyStateIsSilent},
		{"the guard is absent", guardIsAbsent},
		{"a floor is reached", floorIsReached},
		{"a target is at zero by hand", targetAtZeroByHand},
		{"a target is at zero by its HPA", targetAtZeroByItsHPA},
		{"a target at zero is scaled to one", targetAtZeroIsScaledToOne},
		{"a target is missing", targetIsMissing},
		{"a refusal is reported", refusalIsReported},
		{"annotations are taken off", annotationsTakenOff},
		{"annotations are taken off meanwhile", annotationsTakenOffMeanwhile},
		{"annotations are copied", annotationsAreCopied},
		{"Flagger copies a floor", flaggerCopiesAFloor},
		{"another installation", anotherInstallationIsLeftAlone},
		{"an altered floor", alteredFloor},
		{"a limit clamps", limitClamps},
	}
}

// namespaceOf is the namespace of a play.
func (p play) namespaceOf() string {
	return strings.ToLower(strings.NewReplacer(" ", "-", "'", "").Replace(p.name))
}

func TestFloorkeeper(t *testing.T) {
	t.Parallel()
	c := startCluster(t, withZero)
	t.Run("one for the cluster", func(t *testing.T) {
		m := newMount(t)
		m.put(t, "empty.yaml", schedule())
		keeper := c.start(t, "together", home, m)
		await.Success(t, "floorkeeper to be ready", keeper.Ready)
		for _, p := range together() {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				s := c.newScene(t, p.namespaceOf(), m)
				s.keepers = []*process{keeper}
				p.run(t, s)
				s.close()
			})
		}
	})
	t.Run("one for a namespace", func(t *testing.T) {
		for _, p := range alone() {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				c.playAlone(t, p)
			})
		}
	})
	c.wantAllGivenBack(t)
}

// TestChangedCluster changes the control plane as a whole, one play after the other, beside the other plays: it has one
// of its own. As by default before Kubernetes 1.37, it takes no minReplicas of 0.
func TestChangedCluster(t *testing.T) {
	t.Parallel()
	c := startCluster(t, withoutZero)
	t.Run("without zero", func(t *testing.T) {
		c.playAlone(t, play{"zero is not given back", zeroIsNotGivenBack})
	})
	t.Run("without the API server", func(t *testing.T) {
		c.playAlone(t, play{"an outage is made up for", outageIsMadeUpFor})
	})
	t.Run("without the controller manager", func(t *testing.T) {
		for _, p := range withoutControllerManager() {
			t.Run(p.name, func(t *testing.T) { c.playAlone(t, p) })
		}
	})
	t.Run("raising targets", c.playRaising)
	t.Run("with the floor guard", c.playGuarded)
	c.wantAllGivenBack(t)
}

// wantAllGivenBack checks a cluster when all of its plays have ended.
func (c *cluster) wantAllGivenBack(t *testing.T) {
	t.Run("every owner got back what it wrote", c.wantOwned)
	t.Run("no annotation but its own was written", c.wantOwnAnnotationsOnly)
	t.Run("the history", c.judge)
}

// playAlone gives a play a namespace that floorkeeper can be at home in.
func (c *cluster) playAlone(t *testing.T, p play) {
	s := c.newScene(t, p.namespaceOf(), newMount(t))
	if err := c.Beside(t.Context(), s.namespace); err != nil {
		t.Fatal(err)
	}
	p.run(t, s)
	s.close()
}

// wantOwned checks that every HPA of the cluster is as its owner wrote it last, and that all plays have ended.
func (c *cluster) wantOwned(t *testing.T) {
	list, err := c.client.AutoscalingV2().HorizontalPodAutoscalers("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int32{}
	for _, hpa := range list.Items {
		name := hpa.Namespace + "/" + hpa.Name
		got[name] = *hpa.Spec.MinReplicas
		for key := range hpa.Annotations {
			if strings.HasPrefix(key, prefix) && key != prefix+"ignore" && key != declaring && key != limiting {
				t.Errorf("HPA %s has the annotation %s", name, key)
			}
		}
		for _, entry := range hpa.ManagedFields {
			if entry.Manager == "floorkeeper" {
				t.Errorf("floorkeeper owns fields of HPA %s, subresource %q", name, entry.Subresource)
			}
		}
	}
	if diff := cmp.Diff(c.owned, got); diff != "" {
		t.Errorf("minReplicas of every HPA (-its owner's last word +as it is):\n%s", diff)
	}
	for _, p := range c.processes {
		if p.Alive() {
			t.Errorf("%s still runs", p.name)
		}
	}
}
