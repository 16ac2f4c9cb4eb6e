package faults

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// neighbours are the HPAs behind each webhook of the noisy namespace; the slow one alone would hold all workers for
// minutes.
func neighbours() map[string]int { return map[string]int{"slow": 100, "failing": 20, "busy": 20} }

// noisyNeighbour opens floors in a namespace whose admission webhooks take 10 s, fail, or ask to come back later. The
// floor of another namespace opens meanwhile, and closes again.
func noisyNeighbour(t *testing.T, s *scene) {
	neighbour := s.beside(t, "noisy")
	noisy := neighbour.namespace
	for kind, count := range neighbours() {
		for i := range count {
			s.createBehind(t, noisy, kind, fmt.Sprintf("%s-%03d", kind, i))
		}
	}
	quiet := s.webhooks(t, noisy)
	s.create(t, "web", 2)
	s.keep(t, "only", nil, "--namespaces="+s.namespace+","+noisy)

	trouble := openFrom(4 * time.Second)
	everybody := fmt.Sprintf("- {name: trouble, start: %q, end: %q, targets: [{namespace: %s, minReplicas: 8}]}\n",
		trouble.start.Format(time.RFC3339), trouble.end.Format(time.RFC3339), noisy)
	open := span{trouble.start.Add(3 * time.Second), trouble.start.Add(7 * time.Second)}
	s.publish(t, everybody, s.gala(open, 8))
	at(open.start.Add(-time.Second))
	s.awaitMin(t, 8)
	raised := time.Since(open.start)
	at(open.end.Add(-time.Second))
	s.awaitMin(t, 2)
	t.Logf("RESULT beside %v: raised after %.2f s, given back after %.2f s", neighbours(), raised.Seconds(), time.Since(open.end).Seconds())

	quiet()
	s.publish(t)
	s.wantFree(t)
	neighbour.awaitAll(t, state{Min: 2})
}

// createBehind creates an HPA behind a kind of webhook.
func (s *scene) createBehind(t *testing.T, namespace, kind, name string) {
	t.Helper()
	hpa := newHPA(name, 2)
	hpa.Labels = map[string]string{"webhook": kind}
	if _, err := s.client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Create(t.Context(), hpa, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// webhooks puts an admission webhook of each kind before the HPAs of a namespace, and returns what removes them.
func (s *scene) webhooks(t *testing.T, namespace string) (remove func()) {
	t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(admit))
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	configuration := &admissionregistrationv1.ValidatingWebhookConfiguration{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	for kind := range neighbours() {
		configuration.Webhooks = append(configuration.Webhooks, admissionregistrationv1.ValidatingWebhook{
			Name:              kind + ".floorkeeper.test",
			ClientConfig:      admissionregistrationv1.WebhookClientConfig{URL: new(server.URL + "/" + kind), CABundle: ca},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
			ObjectSelector:    &metav1.LabelSelector{MatchLabels: map[string]string{"webhook": kind}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Update},
				Rule: admissionregistrationv1.Rule{
					APIGroups: []string{"autoscaling"}, APIVersions: []string{"v2"}, Resources: []string{"horizontalpodautoscalers"},
				},
			}},
			FailurePolicy:           new(admissionregistrationv1.Fail),
			SideEffects:             new(admissionregistrationv1.SideEffectClassNone),
			TimeoutSeconds:          new(int32(20)),
			AdmissionReviewVersions: []string{"v1"},
		})
	}
	all := s.client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	if _, err := all.Create(t.Context(), configuration, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := all.Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// admit answers as the webhook that the path names.
func admit(w http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	response := &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	switch r.URL.Path {
	case "/slow":
		select {
		case <-time.After(10 * time.Second):
		case <-r.Context().Done():
		}
	case "/failing":
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	case "/busy":
		response.Allowed = false
		response.Result = &metav1.Status{
			Code: http.StatusTooManyRequests, Reason: metav1.StatusReasonTooManyRequests,
			Details: &metav1.StatusDetails{RetryAfterSeconds: 3},
		}
	}
	review.Response, review.Request = response, nil
	_ = json.NewEncoder(w).Encode(review)
}
