"""What the SDK asks of the identity service by itself: the project of a region, the domain of a key, a token."""

import calls
import huaweicloudsdkiam.v3 as iam
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.region.region import Region


@pytest.fixture(scope="module")
def login(target):
    if target.login is None:
        pytest.skip("no user and password: the target was not given by a credentials file")
    return target.login


def iam_client(target, credentials):
    return calls.client_of(target, credentials, kind=iam.IamClient)


def test_the_project_of_a_region_is_looked_up(target, login):
    keys = BasicCredentials(target.access_key, target.secret_key).with_iam_endpoint(target.endpoint)
    region = Region(login.project_name, target.endpoint)
    client = calls.builder_of(target, keys).with_region(region).build()
    assert calls.list_connections(client, limit=1).is_success is True
    assert keys.project_id == target.project_id


def test_the_domain_of_a_key_is_looked_up(target, login):
    keys = GlobalCredentials(target.access_key, target.secret_key).with_iam_endpoint(target.endpoint)
    region = Region(login.project_name, target.endpoint)
    client = calls.builder_of(target, keys, kind=iam.IamClient).with_region(region).build()
    projects = client.keystone_list_projects(iam.KeystoneListProjectsRequest(name=login.project_name)).projects
    assert [project.id for project in projects] == [target.project_id]
    assert keys.domain_id == login.domain_id


def test_a_token_by_password_opens_its_project(target, login):
    response = create_token(target, login, login.password)
    assert response.status_code == 201
    token = response.to_json_object()["token"]
    assert (token["project"]["id"], token["project"]["domain"]["id"]) == (target.project_id, login.domain_id)
    assert token["expires_at"].endswith("Z")
    assert response.x_subject_token


def test_a_wrong_password_gets_no_token(target, login):
    with pytest.raises(calls.ClientRequestException) as caught:
        create_token(target, login, login.password + "x")
    assert caught.value.status_code == 401


def create_token(target, login, password):
    domain = iam.PwdPasswordUserDomain(name=login.domain_name)
    user = iam.PwdPasswordUser(domain=domain, name=login.user_name, password=password)
    identity = iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(user=user))
    scope = iam.AuthScope(project=iam.AuthScopeProject(name=login.project_name))
    body = iam.KeystoneCreateUserTokenByPasswordRequestBody(auth=iam.PwdAuth(identity=identity, scope=scope))
    request = iam.KeystoneCreateUserTokenByPasswordRequest(body=body)
    keys = GlobalCredentials(target.access_key, target.secret_key, login.domain_id)
    return iam_client(target, keys).keystone_create_user_token_by_password(request)
