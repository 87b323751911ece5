using System.Globalization;

namespace Postrider.Simulator;

/// <summary>A refusal of the identity platform.</summary>
/// <param name="Error">The OAuth error: the only part programs may rely on (reference 1.4).</param>
public sealed record AadError(string Error, int Code, string Text, int Status = 400, string? SubError = null)
{
    /// <summary>In no form of Microsoft's: the error and the text, word for word.</summary>
    public bool Bare => Code is 0;

    public string Describe() => Bare ? Text : string.Create(CultureInfo.InvariantCulture, $"AADSTS{Code}: {Text}");
}

/// <summary>The AADSTS codes that the simulator knows, after section 4.1 of the reference (Microsoft's reference-error-codes).
/// The texts are shortened from what the service says; nobody may depend on them.</summary>
public static class AadErrors
{
    private static readonly Dictionary<int, AadError> Known = new AadError[]
    {
        new("invalid_request", 28000, "Provided value for the input parameter scope is not valid because it contains more than one resource."),
        new("invalid_scope", 28003, "Provided value for the input parameter scope cannot be empty when requesting an access token using the provided authorization code."),
        new("invalid_resource", 500011, "The resource principal was not found in the tenant. You might have sent your authentication request to the wrong tenant."),
        new("invalid_request", 50011, "The redirect URI specified in the request does not match the redirect URIs configured for the application."),
        new("invalid_grant", 500112, "The reply address does not match the reply address provided when requesting Authorization code."),
        new("invalid_client", 50012, "Authentication failed: the client assertion contains an invalid signature.", 401),
        new("invalid_grant", 50020, "User account does not exist in the tenant and cannot access the application in that tenant."),
        new("invalid_grant", 50034, "The user account does not exist in the directory."),
        new("invalid_grant", 50053, "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."),
        new("invalid_grant", 50055, "The password is expired.", SubError: "user_password_expired"),
        new("invalid_grant", 50057, "The user account is disabled."),
        new("login_required", 50058, "A silent sign-in request was sent but no user is signed in."),
        new("interaction_required", 50072, "Due to a configuration change made by your administrator, you must enroll in multi-factor authentication.", SubError: "basic_action"),
        new("interaction_required", 50074, "Strong Authentication is required.", SubError: "basic_action"),
        new("invalid_grant", 50076, "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.", SubError: "basic_action"),
        new("invalid_grant", 50079, "Due to a configuration change made by your administrator, the user must enroll in multi-factor authentication.", SubError: "basic_action"),
        new("interaction_required", 50105, "Your administrator has configured the application to block users unless they are specifically granted access."),
        new("invalid_grant", 50126, "Error validating credentials due to invalid username or password."),
        new("invalid_grant", 50133, "Session is invalid due to expiration or recent password change.", SubError: "bad_token"),
        new("invalid_grant", 50173, "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.", SubError: "bad_token"),
        new("unauthorized_client", 50194, "The application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps."),
        new("invalid_grant", 50196, "The server terminated an operation because it encountered a client request loop."),
        new("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request."),
        new("invalid_request", 501491, "Invalid size of Code_Challenge parameter."),
        new("invalid_grant", 50147, "Missing or invalid code challenge parameter."),
        new("interaction_required", 53000, "Device is not in required device state: compliant.", SubError: "message_only"),
        new("invalid_grant", 53003, "Access has been blocked by Conditional Access policies.", SubError: "message_only"),
        new("invalid_grant", 530035, "Access has been blocked by security defaults."),
        new("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."),
        new("invalid_grant", 65001, "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.", SubError: "consent_required"),
        new("access_denied", 65004, "User declined to consent to access the app."),
        new("invalid_client", 65005, "The application required resource access list does not contain applications discoverable by the resource.", 401),
        new("invalid_request", 650052, "The app is trying to access a service that your organization lacks a service principal for."),
        new("invalid_grant", 70000, "The provided value for the input parameter 'refresh_token' or 'code' is not valid.", SubError: "bad_token"),
        new("invalid_grant", 700003, "Device object was not found in the tenant directory."),
        new("invalid_grant", 700005, "The provided Authorization Code is intended to use against another tenant, thus rejected."),
        new("invalid_grant", 70008, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.", SubError: "bad_token"),
        new("invalid_grant", 700082, "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.", SubError: "bad_token"),
        new("invalid_grant", 700084, "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00."),
        new("unauthorized_client", 700016, "Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant."),
        new("unauthorized_client", 7000112, "Application is disabled."),
        new("invalid_request", 700022, "The provided value for the input parameter scope is not valid because it contains more than one resource."),
        new("invalid_client", 700024, "Client assertion is not within its valid time range.", 401),
        new("invalid_client", 700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.", 401),
        new("invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application.", 401),
        new("invalid_client", 7000215, "Invalid client secret provided.", 401),
        new("invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.", 401),
        new("invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", 401),
        new("invalid_client", 7000222, "The provided client secret keys are expired. Visit the Azure portal to create new keys for your app.", 401),
        new("invalid_client", 70002, "Error validating credentials.", 401),
        new("unsupported_grant_type", 70003, "The app requested an unsupported grant type."),
        new("unsupported_response_type", 700054, "response_type is not enabled for the application."),
        new("invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid."),
        new("server_error", 70012, "A server error occurred while authenticating an MSA (consumer) user.", 503),
        new("authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling."),
        new("bad_verification_code", 70018, "Invalid verification code due to User typing in wrong user code for device code flow."),
        new("expired_token", 70019, "Verification code expired."),
        new("invalid_grant", 70043, "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.", SubError: "token_expired"),
        new("temporarily_unavailable", 90006, "External server returned a retryable error. Try again.", 503),
        new("invalid_request", 90002, "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."),
        new("invalid_request", 90013, "Invalid input received from the user."),
        new("invalid_request", 90014, "The required field is missing from the request."),
        new("invalid_request", 900144, "The request body must contain a required parameter."),
        new("invalid_request", 90023, "Invalid request."),
        new("temporarily_unavailable", 90033, "A transient error has occurred. Please try again.", 503),
        new("invalid_request", 90038, "The tenant is in another cloud."),
        new("temporarily_unavailable", 90055, "The tenant is throttled.", 429),
        new("consent_required", 90094, "Admin consent is required for the permissions requested by this application."),
        new("invalid_request", 9001023, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."),
        new("invalid_request", 9002313, "Invalid request. Request is malformed or invalid."),
        new("invalid_request", 9002326, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type."),
        new("invalid_request", 9002327, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."),
        new("invalid_scope", 1002012, "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."),
    }.ToDictionary(e => e.Code);

    /// <summary>The error of that number; an unknown number is an <c>invalid_grant</c>.</summary>
    public static AadError Of(int code) =>
        Known.GetValueOrDefault(code) ?? new AadError("invalid_grant", code, "Error on demand.");

    internal static AadError Of(int code, string text) => Of(code) with { Text = text };

    /// <summary>Mandatory parameter missing; the text names it, as the service does.</summary>
    internal static AadError Missing(string parameter) =>
        Of(900144, $"The request body must contain the following parameter: '{parameter}'.");
}
