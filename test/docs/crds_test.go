package docs

import "github.com/floorkeeper/floorkeeper/test/kit/crds"

// upstream are the modules that hold the CustomResourceDefinitions of the kinds on the pages.
func upstream() []crds.Module {
	return []crds.Module{
		{
			Name: "github.com/argoproj/argo-cd/v3@v3.5.7", Sum: "h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=",
			Files: []string{"manifests/crds/application-crd.yaml"},
		},
		{
			Name: "github.com/fluxcd/source-controller@v1.9.6", Sum: "h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=",
			Files: []string{"config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml"},
		},
		{
			Name: "sigs.k8s.io/karpenter@v1.14.1", Sum: "h1:GjqvOHLjl2+OXM0ti5VEZSQuvcitB0pETd8zdChXEtI=",
			Files: []string{"pkg/apis/crds/autoscaling.x-k8s.io_capacitybuffers.yaml"},
		},
	}
}
