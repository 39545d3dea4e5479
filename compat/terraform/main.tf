# A data source's network, a pool with a queue in it, and a connection between the two, as one would write it for the
# cloud. Only the provider block knows that the server is another one.

terraform {
  required_providers {
    huaweicloud = {
      source = "huaweicloud/huaweicloud"
    }
  }
}

variable "endpoint" {
  description = "Address of the server, for example http://127.0.0.1:8780"
  type        = string
}

variable "access_key" {
  type = string
}

variable "secret_key" {
  type      = string
  sensitive = true
}

variable "project_id" {
  type = string
}

variable "name" {
  description = "What everything is called"
  type        = string
  default     = "linkspan_example"
}

variable "database_address" {
  description = "Address of the data source; changing it changes the hosts and the route of the connection in place"
  type        = string
  default     = "10.168.0.20"
}

variable "grantee_project_id" {
  description = "Another project, which may bind its own queues and pools to the connection"
  type        = string
  default     = "330e068af1334c9782f4226acc00a2e2"
}

provider "huaweicloud" {
  region     = "cn-north-4"
  access_key = var.access_key
  secret_key = var.secret_key
  project_id = var.project_id
  auth_url   = "${var.endpoint}/v3"

  endpoints = {
    dli = "${var.endpoint}/"
    vpc = "${var.endpoint}/"
    iam = "${var.endpoint}/"
  }
}

resource "huaweicloud_vpc" "data" {
  name = var.name
  cidr = "10.168.0.0/16"
}

resource "huaweicloud_vpc_subnet" "data" {
  name       = var.name
  vpc_id     = huaweicloud_vpc.data.id
  cidr       = "10.168.0.0/24"
  gateway_ip = "10.168.0.1"
}

resource "huaweicloud_dli_elastic_resource_pool" "compute" {
  name   = var.name
  min_cu = 64
  max_cu = 64
}

resource "huaweicloud_dli_queue" "compute" {
  name                       = "${var.name}_queue"
  cu_count                   = 16
  elastic_resource_pool_name = huaweicloud_dli_elastic_resource_pool.compute.name
  resource_mode              = 1
}

resource "huaweicloud_dli_datasource_connection" "data" {
  name      = var.name
  vpc_id    = huaweicloud_vpc.data.id
  subnet_id = huaweicloud_vpc_subnet.data.id

  hosts {
    name = "db.example"
    ip   = var.database_address
  }

  routes {
    name = "database"
    cidr = "${var.database_address}/32"
  }

  tags = {
    env = "example"
  }

  lifecycle {
    # The provider sets tags at creation and never reads them back, so an imported connection has none.
    ignore_changes = [tags]
  }
}

resource "huaweicloud_dli_datasource_connection_associate" "compute" {
  connection_id          = huaweicloud_dli_datasource_connection.data.id
  elastic_resource_pools = [huaweicloud_dli_elastic_resource_pool.compute.name]
}

resource "huaweicloud_dli_datasource_connection_privilege" "other" {
  connection_id = huaweicloud_dli_datasource_connection.data.id
  project_id    = var.grantee_project_id
}

data "huaweicloud_dli_datasource_connections" "data" {
  name = huaweicloud_dli_datasource_connection.data.name

  depends_on = [
    huaweicloud_dli_datasource_connection_associate.compute,
    huaweicloud_dli_datasource_connection_privilege.other,
  ]
}

output "connection_id" {
  value = huaweicloud_dli_datasource_connection.data.id
}

output "found" {
  value = length(data.huaweicloud_dli_datasource_connections.data.connections)
}
