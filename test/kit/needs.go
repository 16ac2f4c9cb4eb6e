package kit

import (
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/controlplane"
	"github.com/floorkeeper/floorkeeper/test/kit/controlplane/binaries"
)

// NotApplicable begins the reason why a test is skipped. test/matrix lists it, and knows no other reason.
const NotApplicable = "not applicable: "

// Need skips a test if the control plane lacks what it needs.
func Need(t testing.TB, plane *controlplane.ControlPlane, what controlplane.Capability) {
	t.Helper()
	if !Has(t, plane, what) {
		t.Skip(NotApplicable + "there is no " + string(what))
	}
}

// Has reports whether a control plane has a capability, for a test that expects something else where it has not. Only an
// older release of Kubernetes, which FLOORKEEPER_KUBERNETES chooses, may lack one: on the newest it fails the test, so that
// nothing is left out there.
func Has(t testing.TB, plane *controlplane.ControlPlane, what controlplane.Capability) bool {
	t.Helper()
	has, err := plane.Has(t.Context(), what)
	if err == nil && !has && !binaries.Older() {
		t.Fatalf("the control plane has no %s, and %s does not name an older release", what, binaries.Variable)
	}
	if err != nil {
		t.Fatal(err)
	}
	return has
}
