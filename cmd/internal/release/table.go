package release

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/floorkeeper/floorkeeper/controller/autoscaler"
)

type released struct {
	key           types.NamespacedName
	named         bool // on the command line
	read          bool // before and after are known
	before, after autoscaler.State
	result        string
	fine          bool // nothing is held
}

func (r *released) judge(before, after autoscaler.State, err error, dryRun bool) {
	r.before, r.after = before, after
	r.read = before.MaxReplicas > 0 // at least 1 in every HPA
	switch {
	case apierrors.IsNotFound(err) && r.named && !r.read:
		r.result = "not found"
	case apierrors.IsNotFound(err):
		r.result, r.fine = "deleted meanwhile", true
	case err != nil:
		r.result = words(err)
	default:
		r.result, r.fine = outcome(before, after)
	}
	if dryRun && r.changed() {
		r.result += " (server dry run)"
	}
}

func outcome(before, after autoscaler.State) (result string, fine bool) {
	switch {
	case after.Condition == autoscaler.Damaged:
		return "damaged: its baseline is unknown, left as it is", false
	case after.Condition == autoscaler.Held:
		return "still held: another policy or webhook of the API server changed the patch", false
	case before.Condition == autoscaler.Free:
		return "nothing held", true
	case before.Wish() != after.MinReplicas:
		return fmt.Sprintf("released, to the nearest valid value: the owner's value %d is not valid", before.Wish()), true
	default:
		return "released", true
	}
}

// judgeAgain notes how the HPA was a moment later, when its ownership was to be handed back.
func (r *released) judgeAgain(state autoscaler.State, err error) {
	switch {
	case apierrors.IsNotFound(err):
		r.result = "deleted meanwhile"
	case err != nil:
		r.result, r.fine = r.result+", but field ownership is not handed back, "+words(err), false
	case state.Condition != autoscaler.Free:
		r.result, r.fine = r.result+", and raised again: a controller runs", false
	}
}

func (r *released) changed() bool { return r.read && r.before != r.after }

// words are what went wrong, in one line and in the API server's own words.
func words(err error) string {
	said := "failed: " + err.Error()
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		said = "refused: " + status.Status().Message
	}
	return strings.Join(strings.Fields(said), " ")
}

func printReleased(stdout, stderr io.Writer, rows []*released) {
	if len(rows) == 0 {
		return
	}
	slices.SortFunc(rows, func(a, b *released) int {
		return cmp.Or(cmp.Compare(a.key.Namespace, b.key.Namespace), cmp.Compare(a.key.Name, b.key.Name))
	})
	table := tabwriter.NewWriter(stdout, 0, 8, 3, ' ', 0)
	fmt.Fprintln(table, "NAMESPACE\tNAME\tFROM\tTO\tRESULT")
	for _, r := range rows {
		from, to := "-", "-"
		if r.read {
			from, to = strconv.Itoa(int(r.before.MinReplicas)), strconv.Itoa(int(r.after.MinReplicas))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.key.Namespace, r.key.Name, from, to, r.result)
	}
	_ = table.Flush() // standard output, as with every other line
	for _, r := range rows {
		if r.read && r.after.Condition == autoscaler.Damaged {
			fmt.Fprintf(stderr, `
%s is damaged. Say which minReplicas it should have, in place of N, and release it again:
kubectl -n %s annotate hpa %s %s=N --overwrite
`, r.key, r.key.Namespace, r.key.Name, autoscaler.AnnotationDeclaredBaseline)
		}
	}
}
