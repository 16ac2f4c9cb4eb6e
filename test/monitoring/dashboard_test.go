package monitoring

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/floorkeeper/floorkeeper/test/kit/await"
)

// testDashboard asks Prometheus what each panel and variable asks. A panel without an answer would be empty in Grafana too.
func testDashboard(t *testing.T, s *scene) {
	board := check[struct {
		UID           string
		SchemaVersion int
		Queries       []query
	}](t, "dashboard", dashboardFile)
	if board.UID != "floorkeeper" || board.SchemaVersion < 39 {
		t.Errorf("the dashboard has uid %q and version %d", board.UID, board.SchemaVersion)
	}
	if len(board.Queries) < 30 {
		t.Errorf("the dashboard has %d queries", len(board.Queries))
	}
	exported := s.metrics(t)
	for _, q := range board.Queries {
		for _, metric := range q.Metrics {
			if !slices.Contains(exported, metric) {
				t.Errorf("%s, of %s, is not exported", metric, q.Of)
			}
		}
		await.Success(t, q.Of+" to have data: "+q.Expr, func(ctx context.Context) error {
			found, err := s.query(ctx, q.Expr)
			if err == nil && len(found) == 0 {
				err = errors.New("there is none")
			}
			return err
		})
	}
}
