package cli

import (
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
)

// NewScheme returns the types that floorkeeper reads and writes.
func NewScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	builders := runtime.SchemeBuilder{
		admissionregistrationv1.AddToScheme, appsv1.AddToScheme, autoscalingv2.AddToScheme, coordinationv1.AddToScheme,
		corev1.AddToScheme,
	}
	if err := builders.AddToScheme(scheme); err != nil {
		panic(err) // they are compiled in
	}
	return scheme
}

// NewMapper returns where the API server serves those types. It knows them, so that nothing has to be discovered first,
// which an API server that is away or answers in part would delay.
func NewMapper(scheme *runtime.Scheme) meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for kind := range scheme.AllKnownTypes() {
		scope := meta.RESTScopeNamespace
		if kind.Kind == "Namespace" || kind.Group == admissionregistrationv1.GroupName {
			scope = meta.RESTScopeRoot
		}
		mapper.Add(kind, scope)
	}
	return mapper
}
