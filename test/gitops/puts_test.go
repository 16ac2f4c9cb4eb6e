package gitops

import (
	"context"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"
)

// typed is a client under a name of its own, as controllers have it.
func (s *scene) typed(name string) (kubernetes.Interface, error) {
	config := s.Config()
	config.UserAgent = name + "/v1.0.0"
	return kubernetes.NewForConfig(config)
}

func (s *scene) object(minReplicas string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	hpa := &autoscalingv2.HorizontalPodAutoscaler{}
	return hpa, yaml.NewYAMLOrJSONDecoder(strings.NewReader(s.manifest(minReplicas)), 4096).Decode(hpa)
}

func createTyped(ctx context.Context, s *scene, minReplicas string) error {
	hpa, err := s.object(minReplicas)
	if err != nil {
		return err
	}
	_, err = s.client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Create(ctx, hpa, metav1.CreateOptions{FieldManager: "owner"})
	return err
}

// putAfresh puts an object made from nothing, without a resource version and with no annotations but its own, as KEDA's
// operator does. It has no owner here, since floorkeeper refuses the HPAs of KEDA.
func putAfresh(ctx context.Context, s *scene, minReplicas string) error {
	client, err := s.typed("keda")
	if err != nil {
		return err
	}
	hpa, err := s.object(minReplicas)
	if err != nil {
		return err
	}
	hpa.Annotations = map[string]string{"scaledobject.keda.sh/transfer-hpa-ownership": "true"}
	_, err = client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Update(ctx, hpa, metav1.UpdateOptions{})
	return err
}

// putBack reads the object, sets the field, and puts the whole, as most operators do, and Terraform in effect.
func putBack(ctx context.Context, s *scene, minReplicas string) error {
	client, err := s.typed("operator")
	if err != nil {
		return err
	}
	want, err := s.object(minReplicas)
	if err != nil {
		return err
	}
	hpa, err := s.hpa(ctx)
	if err != nil {
		return err
	}
	hpa.Spec.MinReplicas = want.Spec.MinReplicas
	_, err = client.AutoscalingV2().HorizontalPodAutoscalers(s.namespace).Update(ctx, hpa, metav1.UpdateOptions{})
	return err
}
