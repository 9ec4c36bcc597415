using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>The systemd unit and the program agree.</summary>
public sealed partial class UnitTests
{
    private const string Unit = "deploy/systemd/orchestrator.service";

    private static readonly ILookup<string, string> Directives = Repository.Read(Unit).Split('\n')
        .Where(l => l.Length > 0 && l[0] is not ('#' or '['))
        .Select(l => l.Split('=', 2))
        .ToLookup(l => l[0], l => l[1]);

    [Fact]
    public async Task It_starts_a_verb_of_the_program_with_options_the_program_knows()
    {
        var words = Directives["ExecStart"].Single().Split(' ');
        words[0].ShouldEndWith("/orchestrator");
        words[1].ShouldBe("serve");
        var help = await BuiltProgram.HelpAsync(words[1]);
        foreach (var option in words.Where(w => w.StartsWith("--", StringComparison.Ordinal)))
            help.ShouldContain(option);
    }

    [Fact]
    public void The_data_directory_is_the_one_folder_it_may_write()
    {
        var words = Directives["ExecStart"].Single().Split(' ');
        words[Array.IndexOf(words, "--data") + 1].ShouldBe($"/var/lib/{Directives["StateDirectory"].Single()}");
        Directives["ProtectSystem"].ShouldBe(["strict"]);
        Directives["DynamicUser"].ShouldBe(["yes"]);
    }

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_it()
    {
        var folder = Directory.CreateTempSubdirectory("orc-unit").FullName;
        try
        {
            // The program is not installed here; everything else is judged as it is.
            var copy = Path.Combine(folder, "orchestrator.service");
            await File.WriteAllTextAsync(copy, Repository.Read(Unit).Replace("/opt/orchestrator/orchestrator ", "/bin/true ", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            (await Tool.RunAsync("systemd-analyze", "verify", "--man=no", copy)).ShouldBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Its scale goes from 0, closed, to 10; a plain service of a user of its own has about 9.</summary>
    [Fact]
    public async Task Its_exposure_is_at_most_two()
    {
        var said = await Tool.RunAsync("systemd-analyze", "security", "--offline=true", "--no-pager", Repository.At(Unit));
        var level = Exposure().Match(said).Groups[1].Value;
        double.Parse(level, System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(2.0, said);
    }

    [Fact]
    public void It_is_ended_and_started_again_when_the_program_hangs()
    {
        Directives["Type"].ShouldBe(["notify"]);
        int.Parse(Directives["WatchdogSec"].Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(10, 300);
        Directives["Restart"].ShouldBe(["on-failure"], "a watchdog's end is a failure");
        Directives["NotifyAccess"].ShouldBeEmpty("the program alone speaks for the unit: the default of Type=notify");
    }

    [Fact]
    public void It_waits_longer_than_the_program_drains()
    {
        var drain = int.Parse(AppSettings.Values["Shutdown:Drain"].TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture);
        int.Parse(Directives["TimeoutStopSec"].Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(drain + 15);
        var compose = YamlTree.Load("docker-compose.yml")["services"]["orchestrator"]["stop_grace_period"].Text;
        int.Parse(compose.TrimEnd('s'), System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(drain + 15);
    }

    [Fact]
    public void It_allows_what_dotnet_needs_and_forbids_what_it_does_not()
    {
        Directives["MemoryDenyWriteExecute"].ShouldBeEmpty("code is compiled while the program runs");
        Directives["NoNewPrivileges"].ShouldBe(["yes"]);
        Directives["CapabilityBoundingSet"].ShouldBe([""]);
        Directives["RestrictAddressFamilies"].Single().Split(' ').ShouldBeSubsetOf(["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"]);
        Directives["KillMode"].ShouldBe(["mixed"]);
        Directives["RestartPreventExitStatus"].ShouldBe(["2"], "wrong configuration does not mend by itself");
    }

    [GeneratedRegex(@"exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();
}
