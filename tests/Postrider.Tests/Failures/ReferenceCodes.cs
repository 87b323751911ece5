namespace Postrider.Tests.Failures;

/// <summary>What the reference of facts (oauth-smtp, sections 3.7, 4 and 5) lists, written down by hand: the catalogue is held to it.</summary>
internal static class ReferenceCodes
{
    /// <summary>AADSTS numbers with what the reference says of consent and of the application's credential: y yes, n no, - it depends.</summary>
    public const string Aadsts = """
        nn 28000 700022 28002 28003 70011 700023 50001 500011 50011 500113 900971 700024
        ny 50012 700027 70002 7000215 7000222 7000216 7000218 7000219
        -n 50020 50014 51004 90072 50034 50053 50055 50144 50057 50097 53000 53001 530003 50105 501051 50131 53003 530032 53011 530035
        yn 50056 50126 50058 50059 50128 50072 50079 50074 50076 50078 50089 50132 50133 50173 50199 16000 16001 501481 50147 501491 54005 65001 65004
        yn 70000 700005 70008 700082 700084 70043
        nn 53002 50194 50196 650052 650054 700003 700016 70001 700011 7000112 70003 70005 70007 700054 70012 90002 900023 90013
        -n 65005 650056 650057 70016 70018 70019 90094 90095 9002326 9002327
        n- 700025 9002313
        nn 90006 90012 90024 90033 50033 50087 80002 90014 900144 90023 90100 90038 900382 900432 90055 9001023 90124 90130 9002332 240002 1000031
        """;

    /// <summary>Values of <c>error</c>: section 4.2, and Google's of 5.1.</summary>
    public const string Errors = """
        microsoft invalid_grant interaction_required login_required consent_required invalid_client unauthorized_client invalid_scope invalid_request unsupported_grant_type invalid_resource
        microsoft access_denied authorization_declined temporarily_unavailable server_error authorization_pending slow_down expired_token bad_verification_code
        google invalid_grant redirect_uri_mismatch invalid_client deleted_client org_internal access_denied admin_policy_enforced disallowed_useragent unauthorized_client
        """;

    /// <summary>SMTP replies of sections 3.7 and 5.2, with their class: P, T, L, C or A.</summary>
    public const string Replies = """
        microsoft A auth 535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.outlook.com]
        microsoft C auth 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled
        microsoft C auth 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.
        microsoft C auth 535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.
        microsoft C auth 535 5.7.139 Authentication unsuccessful, basic authentication is disabled.
        microsoft C auth 535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.
        microsoft C auth 535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.
        microsoft C auth 550 5.7.30 Basic authentication is not supported for Client Submission.
        microsoft C auth 535 5.7.30 Basic authentication is not supported for Client Submission.
        microsoft C mail 530 5.7.57 Client not authenticated to send mail.
        microsoft C mail 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM
        microsoft C auth 504 5.7.4 Unrecognized authentication type
        microsoft C ehlo 421 4.7.66 TLS 1.0 and 1.1 are not supported.
        microsoft T auth 454 4.7.0 Temporary authentication failure
        microsoft L final 432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded
        microsoft L mail 432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending
        microsoft T final 432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded
        microsoft L mail 421 4.4.2 Message submission rate for this client has exceeded the configured limit
        microsoft T mail 421 4.3.2 Service not available
        microsoft T mail 421 4.3.2 System not accepting network messages
        microsoft T reset 421 4.4.1 Connection timed out
        microsoft T reset 421 4.4.2 Connection dropped
        microsoft T mail 451 4.7.0 Temporary server error. Please try again later. PRX2
        microsoft L mail 451 4.7.500 Access denied, please try again later AS(111)
        microsoft L mail 451 4.7.650 Access denied, please try again later
        microsoft L mail 451 4.7.899 Access denied, please try again later
        microsoft T rcpt 452 4.5.3 Too many recipients
        microsoft T rcpt 451 4.5.3 Too many recipients
        microsoft T final 452 4.3.1 Insufficient system resources
        microsoft L final 550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients
        microsoft L final 554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException
        microsoft L final 554 5.2.2 Submission quota exceeded
        microsoft C final 554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException
        microsoft P final 554 5.2.252 SendAsDenied; a@contoso.example not allowed to send as b@contoso.example; STOREDRV.Submission.Exception:SendAsDeniedException
        microsoft P final 554 5.2.0 SendAsDenied; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied
        microsoft P mail 550 5.7.60 SMTP; Client does not have permissions to send as this sender
        microsoft P final 554 5.7.60 SMTP; Client does not have permissions to send as this sender
        microsoft P final 554 5.2.0 MapiExceptionDuplicateDelivery
        microsoft C final 550 5.1.8 Access denied, bad outbound sender
        microsoft C mail 550 5.7.501 Access denied, spam abuse detected
        microsoft C mail 550 5.7.502 Access denied, banned sender
        microsoft C mail 550 5.7.503 Access denied, banned sender
        microsoft P final 550 5.7.703 Your message can't be delivered because one or more recipients are blocked by your organization's tenant recipient block policy.
        microsoft C mail 550 5.7.705 Access denied, tenant has exceeded threshold
        microsoft C mail 550 5.7.708 Access denied, traffic not accepted from this IP
        microsoft C mail 550 5.7.750 Client blocked from sending from unregistered domain
        microsoft L final 550 5.7.233 your tenant exceeded its daily limit for sending to external recipients
        microsoft L final 550 5.7.232 trial tenant exceeded its daily limit
        microsoft C final 550 5.7.236 limit for sending from your tenant's onmicrosoft.com domains
        microsoft P final 552 5.3.4 Message size exceeds fixed maximum message size
        microsoft P mail 501 5.1.7 Invalid address
        microsoft P rcpt 501 5.1.3 Invalid address
        microsoft P rcpt 553 - Invalid address
        microsoft P final 550 5.6.11 Invalid characters
        microsoft P final 550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant
        microsoft P final 550 5.1.20 Multiple From addresses
        microsoft P rcpt 550 5.7.1 Delivery not authorized
        microsoft P rcpt 550 5.7.1 Unable to relay
        microsoft P final 550 5.7.509 Access denied, sending domain does not pass DMARC verification
        microsoft P rcpt 550 5.1.1 Recipient not found
        microsoft P rcpt 550 5.1.10 RESOLVER.ADR.RecipientNotFound
        microsoft P rcpt 550 5.4.1 Recipient address rejected: Access denied
        microsoft T final 550 5.2.121 Recipient's per hour message receive limit exceeded from sender
        microsoft T final 550 5.2.122 Recipient's per hour message receive limit exceeded
        microsoft P final 554 5.4.6 Routing loop detected
        microsoft P final 554 5.4.14 Hop count exceeded - possible mail loop
        microsoft P final 550 5.4.300 Message expired
        microsoft T mail 500 5.3.3 Unrecognized command
        microsoft T data 503 5.5.1 Bad sequence of commands
        google A auth 535 5.7.8 Username and Password not accepted. gsmtp
        google C auth 534 5.7.9 Application-specific password required. gsmtp
        google C auth 534 5.7.14 Please log in via your web browser and then try again. gsmtp
        google L auth 454 4.7.0 Cannot authenticate due to temporary system problem. Try again later. gsmtp
        google L auth 454 4.7.0 Too many login attempts, please try again later. gsmtp
        google T mail 421 4.7.0 Try again later, closing connection. gsmtp
        google T mail 421 4.3.0 Temporary System Problem. Try again later. gsmtp
        google T mail 421 4.4.5 Server busy, try again later. gsmtp
        google L final 421 4.7.28 Our system has detected an unusual rate of unsolicited mail. gsmtp
        google T rcpt 450 4.2.1 The user you are trying to contact is receiving mail too quickly. gsmtp
        google T rcpt 452 4.5.3 Your message has too many recipients. gsmtp
        google L final 550 5.4.5 Daily user sending limit exceeded. gsmtp
        google C mail 530 5.7.0 Must issue a STARTTLS command first. gsmtp
        google C mail 530 5.7.0 Authentication Required. gsmtp
        google P final 552 5.2.3 Your message exceeded Google's message size limits. gsmtp
        google P final 552 5.7.0 This message was blocked because its content presents a potential security issue. gsmtp
        google P final 550 5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail. gsmtp
        google P mail 555 5.5.2 Syntax error. gsmtp
        """;
}
