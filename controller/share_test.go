package controller

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func TestShares(t *testing.T) {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer queue.ShutDown()
	s := newShares(2)
	s.begin(func(key types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: key}) })
	key := func(namespace, name string) types.NamespacedName {
		return types.NamespacedName{Namespace: namespace, Name: name}
	}
	enters := func(want bool, keys ...types.NamespacedName) {
		t.Helper()
		for _, k := range keys {
			if got := s.enter(k, false); got != want {
				t.Errorf("%s may be patched: %t, want %t", k, got, want)
			}
		}
	}
	enters(true, key("slow", "a"), key("slow", "b"))
	enters(false, key("slow", "c"), key("slow", "d"), key("slow", "c"))
	enters(true, key("quick", "a"), key("quick", "b"))
	s.leave(key("quick", "a"))
	s.leave(key("quick", "b"))
	s.leave(key("slow", "a"))
	s.leave(key("slow", "b"))
	var got []string
	for queue.Len() > 0 {
		request, _ := queue.Get()
		got = append(got, request.String())
		queue.Done(request)
		enters(true, request.NamespacedName)
		s.leave(request.NamespacedName)
	}
	if diff := cmp.Diff([]string{"slow/c", "slow/d"}, got); diff != "" {
		t.Errorf("reconciled again (-want +got):\n%s", diff)
	}
	if len(s.namespaces) > 0 {
		t.Errorf("%d namespaces are remembered after the last patch", len(s.namespaces))
	}
}

// TestAWakeIsPassedOn wakes HPAs that need no patch any more.
func TestAWakeIsPassedOn(t *testing.T) {
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer queue.ShutDown()
	s := newShares(1)
	s.begin(func(key types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: key}) })
	key := func(name string) types.NamespacedName { return types.NamespacedName{Namespace: "slow", Name: name} }
	for _, name := range []string{"a", "d", "b", "c"} {
		s.enter(key(name), name == "d") // which waits behind the others
	}
	s.leave(key("a"))
	if !s.enter(key("c"), false) { // for another reason
		t.Fatal("there is no room")
	}
	s.passOn(key("b")) // it needs no patch
	s.leave(key("c"))
	var got []string
	for queue.Len() > 0 {
		request, _ := queue.Get()
		got = append(got, request.Name)
		queue.Done(request)
		s.passOn(request.NamespacedName)
	}
	if diff := cmp.Diff([]string{"b", "d"}, got); diff != "" {
		t.Errorf("reconciled again (-want +got):\n%s", diff)
	}
	if len(s.namespaces) > 0 {
		t.Errorf("%d namespaces are remembered after the last patch", len(s.namespaces))
	}
}

// TestASlowRequestLeavesTheGate fills the gate with requests that no answer comes to.
func TestASlowRequestLeavesTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, entered := newGate(), 0
		var leaves []func()
		begin := time.Now()
		for range 2 * gateSlots {
			leaves = append(leaves, g.enter())
			entered++
		}
		if waited := time.Since(begin); waited != slow || g.waits() {
			t.Errorf("the last of %d enters after %s, want %s", entered, waited, slow)
		}
		for _, leave := range leaves {
			leave()
		}
		if len(g.slots) != 0 {
			t.Errorf("%d slots are taken after the last has left", len(g.slots))
		}
	})
}
