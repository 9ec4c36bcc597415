using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;
using Quartz;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Scheduling;

/// <summary>Where both can express a rule, our due times are those of Quartz, over the changes of clocks of 2020 to 2035.</summary>
public sealed class QuartzAgreementTests
{
    // Not Africa/Casablanca and Pacific/Apia, where Quartz repeats an instant or goes back, and no rule that names seconds in New York's gap, where it gains one.
    [Theory]
    [InlineData("Europe/Helsinki")]
    [InlineData("America/New_York")]
    [InlineData("Australia/Sydney")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("America/Santiago")]
    [InlineData("Asia/Kolkata")]
    public void Due_times_are_those_of_Quartz(string id)
    {
        var machine = TimeZoneInfo.FindSystemTimeZoneById(id);
        var zone = ZoneReading.Rules(machine);
        foreach (var text in (string[])["0 30 2 * * ?", "0 0 0 * * ?", "0 15 1,3 * * ?", "0 0/30 * * * ?", "0 0 12 L * ?", "0 0 9 15W * ?", "0 0 4 ? * 6#3", "0 10 8-18/2 ? * MON-FRI", "0 0 6 29 2 ?"])
        {
            CronRule.TryParse(text, out var ours, out var error).ShouldBeTrue(error);
            var theirs = CronExpression.Parse(text).WithTimeZone(machine);
            foreach (var change in zone.Changes.Where(c => c.At.Year is >= 2020 and <= 2035).Select(c => new DateTimeOffset(c.At)).Append(new(2030, 6, 15, 0, 0, 0, TimeSpan.Zero)))
            {
                var (at, end) = (change.AddDays(-2), change.AddDays(2));
                while (at < end)
                {
                    var next = ours.Next(at, zone);
                    next.ShouldBe(theirs.GetNextValidTimeAfter(at)?.ToUniversalTime(), $"'{text}' in {id} after {at:o}");
                    at = next!.Value;
                }
            }
        }
    }
}
