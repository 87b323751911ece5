using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Step = Postrider.Mail.Doctor.DoctorStepName;

namespace Postrider.Mail.Doctor;

/// <summary>Whether the identity platform can be reached at all, so that a network in the way is not taken for a sign-in that is wrong.</summary>
internal sealed class PlatformStep(PlatformProbe probe)
{
    public async Task LookAsync(Provider provider, Checkup checkup, CancellationToken cancellation)
    {
        var started = checkup.Time.GetTimestamp();
        var sight = await probe.LookAsync(provider, cancellation);
        var took = checkup.Time.GetElapsedTime(started);
        if (sight is null)
            checkup.LeaveOut(Step.Platform, "not needed: this provider signs in with a password");
        else if (sight.Cause is null)
            checkup.Pass(Step.Platform, sight.Skew is { } skew ? $"{sight.Detail}, the clocks differ by {Math.Abs(skew.TotalSeconds):0} s" : sight.Detail, took);
        else if (sight.Reached && !(sight.Skew?.Duration() > PlatformProbe.HarmfulSkew))
            checkup.Warn(Step.Platform, sight.Detail, sight.Cause, sight.Remedy!, took);
        else
            checkup.Fail(Step.Platform, sight.Detail, sight.Cause, sight.Remedy!, took);
    }
}
