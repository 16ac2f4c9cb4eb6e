# floorkeeper with Terraform, from a checkout of the repository beside this module.
resource "helm_release" "floorkeeper" {
  name             = "floorkeeper"
  namespace        = "floorkeeper"
  create_namespace = true
  chart            = "${path.module}/floorkeeper/deploy/helm/floorkeeper"

  # The pre-delete hook of the chart gives baselines back: terraform destroy waits for it.
  timeout = 300
}
