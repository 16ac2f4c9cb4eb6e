package cluster

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// List lists objects as Each does, and returns them.
func List[T any, Object interface {
	*T
	runtime.Object
}](ctx context.Context, c client.Reader, empty client.ObjectList, options ...client.ListOption) (all []T, err error) {
	err = Each(ctx, c, empty, func() { all = nil }, func(object runtime.Object) {
		if item, ok := object.(Object); ok {
			all = append(all, *item)
		}
	}, options...)
	return all, err
}

// pageSize is how many objects are requested at a time, as kubectl does it.
const pageSize = 500

// Each lists objects page by page into copies of an empty list, and calls do with each. begin is called before the first
// object, and once more if the list changed so much meanwhile that the API server lost the thread: then all objects are
// requested at once. The pager of client-go gives up there, or holds all objects in memory.
func Each(ctx context.Context, c client.Reader, empty client.ObjectList, begin func(), do func(runtime.Object), options ...client.ListOption) error {
	begin()
	limit, next := client.Limit(pageSize), ""
	for {
		page := empty.DeepCopyObject().(client.ObjectList)
		err := c.List(ctx, page, append([]client.ListOption{limit, client.Continue(next)}, options...)...)
		if apierrors.IsResourceExpired(err) && next != "" {
			limit, next = 0, ""
			begin()
			continue
		}
		if err != nil {
			return err
		}
		if err := meta.EachListItem(page, func(object runtime.Object) error {
			do(object)
			return nil
		}); err != nil {
			return err
		}
		if next = page.GetContinue(); next == "" {
			return nil
		}
	}
}
