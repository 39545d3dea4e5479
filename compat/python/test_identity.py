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


def test_projects_and_domains_of_the_caller_are_listed(target, login):
    client = iam_client(target, GlobalCredentials(target.access_key, target.secret_key, login.domain_id))
    projects = client.keystone_list_projects(iam.KeystoneListProjectsRequest()).projects
    (own,) = [project for project in projects if project.id == target.project_id]
    assert (own.name, own.domain_id, own.enabled, own.is_domain) == (login.project_name, login.domain_id, True, False)
    mine = client.keystone_list_auth_projects(iam.KeystoneListAuthProjectsRequest()).projects
    assert target.project_id in [project.id for project in mine]
    (domain,) = client.keystone_list_auth_domains(iam.KeystoneListAuthDomainsRequest()).domains
    assert (domain.id, domain.name) == (login.domain_id, login.domain_name)


def test_users_are_found_by_name(target, login):
    client = iam_client(target, GlobalCredentials(target.access_key, target.secret_key, login.domain_id))
    (user,) = client.keystone_list_users(iam.KeystoneListUsersRequest(name=login.user_name)).users
    assert (user.name, user.domain_id, user.enabled) == (login.user_name, login.domain_id, True)
    nobody = client.keystone_list_users(iam.KeystoneListUsersRequest(name=f"{login.user_name}_is_not_there")).users
    assert nobody == []


def test_a_token_is_looked_at(target, login):
    token = create_token(target, login, login.password).x_subject_token
    client = iam_client(target, GlobalCredentials(target.access_key, target.secret_key, login.domain_id))
    shown = client.keystone_validate_token(iam.KeystoneValidateTokenRequest(x_subject_token=token)).token
    assert (shown.user.name, shown.project.id) == (login.user_name, target.project_id)
    with pytest.raises(calls.ClientRequestException) as caught:
        client.keystone_validate_token(iam.KeystoneValidateTokenRequest(x_subject_token=token + "x"))
    assert caught.value.status_code == 404


def create_token(target, login, password):
    domain = iam.PwdPasswordUserDomain(name=login.domain_name)
    user = iam.PwdPasswordUser(domain=domain, name=login.user_name, password=password)
    identity = iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(user=user))
    scope = iam.AuthScope(project=iam.AuthScopeProject(name=login.project_name))
    body = iam.KeystoneCreateUserTokenByPasswordRequestBody(auth=iam.PwdAuth(identity=identity, scope=scope))
    request = iam.KeystoneCreateUserTokenByPasswordRequest(body=body)
    keys = GlobalCredentials(target.access_key, target.secret_key, login.domain_id)
    return iam_client(target, keys).keystone_create_user_token_by_password(request)
