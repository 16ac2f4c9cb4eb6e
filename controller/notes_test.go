package controller

import (
	"fmt"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

func TestNotesReachTheNextLeader(t *testing.T) {
	key := func(i int) types.NamespacedName {
		return types.NamespacedName{Namespace: "video", Name: fmt.Sprintf("front-%04d", i)}
	}
	hpa := func(i int, uid types.UID) *autoscalingv2.HorizontalPodAutoscaler {
		return &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "video", Name: key(i).Name, UID: uid}}
	}
	const uid, another = types.UID("0123456789abcdef"), types.UID("fedcba9876543210")
	mark := autoscaler.Mark{Baseline: 4, Floor: 24, Because: "gala"}
	ours, theirs := NewNotes(), NewNotes()
	for i := range 2000 {
		ours.keep(key(i), uid, mark, i == 1999)
	}
	text := ours.String()
	if len(text) > notesLimit || strings.Count(text, ";") < 300 {
		t.Errorf("%d bytes about %d HPAs", len(text), strings.Count(text, ";"))
	}
	theirs.Load(text + "of=another,version;")
	for _, i := range []int{0, 1, 1999} {
		want := autoscaler.Known{Mark: autoscaler.Mark{Baseline: 4, Floor: 24}, LeftAlone: i == 1999}
		if got := theirs.Known(hpa(i, uid), nil); got != want {
			t.Errorf("the next leader knows %+v of HPA %d, want %+v", got, i, want)
		}
	}
	theirs.keep(key(5), uid, autoscaler.Mark{Baseline: 4, Floor: 12}, false)
	if again := theirs.String(); !strings.HasPrefix(again, "video/front-1999=4,24,1,01234567;") || again == text {
		t.Errorf("the one without annotations is not the first: %.80s", again)
	}
	if got := theirs.Known(hpa(0, another), nil); got != (autoscaler.Known{}) {
		t.Errorf("of an HPA that was created again it knows %+v", got)
	}
	theirs.keep(key(0), uid, autoscaler.Mark{}, false)
	theirs.keep(key(1), uid, autoscaler.Mark{Baseline: 24, Floor: 24}, false)
	if again := theirs.String(); strings.Contains(again, key(0).Name) || strings.Contains(again, key(1).Name) || !strings.Contains(again, key(2).Name) {
		t.Errorf("released HPAs are still noted, or others are not: %.200s", again)
	}
}
