using Microsoft.Extensions.Configuration;
using Orchestrator.Engine.Hosting.Options;
using Orchestrator.Engine.Journal;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Tests.Hosting;

public sealed class OptionsTests
{
    private static OrchestratorOptions Read(params (string Key, string? Value)[] values) => OptionsReader.Read(
        new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => "Orchestrator:" + v.Key, v => v.Value)).Build(), "/etc/orchestrator");

    [Fact]
    public void Without_configuration_everything_has_its_documented_default()
    {
        var options = Read();
        options.Api.Url.ShouldBe(new Uri("http://127.0.0.1:8080"));
        options.Runner.Slots.ShouldBeGreaterThanOrEqualTo(8);
        options.Runner.MaxOpenRuns.ShouldBe(10_000);
        options.Journal.Durability.ShouldBe(JournalDurability.Committed);
        options.Shutdown.Drain.ShouldBe(TimeSpan.FromSeconds(30));
        options.Workflows.Path.ShouldBe("/etc/orchestrator/workflows");
    }

    [Fact]
    public void Values_are_read_in_their_units_and_paths_from_the_files_folder()
    {
        var options = Read(("Shutdown:Drain", "250ms"), ("Processes:LogLimit", "64KiB"), ("Journal:Durability", "relaxed"), ("Api:TokenFile", "tokens"), ("Api:AllowedHosts:0", "a.example"));
        options.Shutdown.Drain.ShouldBe(TimeSpan.FromMilliseconds(250));
        options.Processes.LogLimit.ShouldBe(65_536);
        options.Journal.Durability.ShouldBe(JournalDurability.Relaxed);
        options.Api.TokenFile.ShouldBe("/etc/orchestrator/tokens");
        options.Api.AllowedHosts.ShouldBe(["a.example"]);
    }

    [Fact]
    public void Limits_and_pools_are_read_by_the_names_the_user_chose()
    {
        var options = Read(("Limits:RunsPerSecond", "12.5"), ("Limits:PerTenant:default", "1"), ("Limits:PerTenant:acme", "0.5"), ("Limits:Burst", "3"), ("Pools:warehouse", "4"));
        options.Limits.RunsPerSecond.ShouldBe(12.5);
        options.Limits.PerTenant["acme"].ShouldBe(0.5);
        options.Limits.Burst.ShouldBe(3);
        options.Pools["warehouse"].ShouldBe(4);
        (Read().Limits.RunsPerSecond, Read().Limits.PerTenant.Count, Read().Limits.Burst, Read().Pools.Count).ShouldBe((null, 0, 2, 0));
    }

    [Theory]
    [InlineData("Runner:Slots", "0")]
    [InlineData("Runner:MaxOpenRuns", "many")]
    [InlineData("Shutdown:Drain", "soon")]
    [InlineData("Processes:LogLimit", "1")]
    [InlineData("Journal:Durability", "maybe")]
    [InlineData("Api:Url", "https://127.0.0.1")]
    [InlineData("Api:Url", "8080")]
    [InlineData("Runner:InstanceId", "a b")]
    [InlineData("Limits:RunsPerSecond", "0")]
    [InlineData("Limits:PerTenant:acme", "many")]
    [InlineData("Limits:Burst", "-1")]
    [InlineData("Pools:warehouse", "0")]
    [InlineData("Telemetry:Prometheus", "yes")]
    public void A_value_that_cannot_be_used_is_named_with_its_key_and_what_was_found(string key, string value)
    {
        var problem = Should.Throw<OptionsException>(() => Read((key, value))).Problems.ShouldHaveSingleItem();
        problem.ShouldContain("Orchestrator:" + key);
        problem.ShouldContain($"'{value}'");
    }

    [Fact]
    public void All_problems_are_told_at_once_and_a_misspelt_key_is_one()
    {
        var problems = Should.Throw<OptionsException>(() => Read(("Runner:Slot", "4"), ("Runner:MaxOpenRuns", "-1"), ("Jurnal:Durability", "committed"))).Problems;
        problems.Count.ShouldBe(3);
        problems.ShouldContain(p => p.Contains("Orchestrator:Runner:Slot", StringComparison.Ordinal) && p.Contains("Slots", StringComparison.Ordinal));
    }

    [Fact]
    public void Connections_are_read_by_name_and_files_start_at_the_configuration_s_folder()
    {
        var options = Read(("Connections:warehouse:ConnectionString", "Host=db"), ("Connections:warehouse:PasswordFile", "db.pass"), ("Connections:archive:Env", "ARCHIVE"));
        options.Connections.Keys.ShouldBe(["archive", "warehouse"]);
        Path.IsPathRooted(options.Connections["warehouse"].PasswordFile!).ShouldBeTrue();
        options.Connections["archive"].Env.ShouldBe("ARCHIVE");
    }

    [Theory]
    [InlineData("Connections:warehouse", "Host=db;Password=hunter2")]
    [InlineData("Connections:warehouse:Password", "hunter2")]
    [InlineData("Connections:warehouse:PasswordFile", "hunter2")]
    [InlineData("Connections:a b:Env", "hunter2")]
    public void What_is_wrong_with_a_connection_is_told_without_its_values(string key, string value)
    {
        var message = Should.Throw<OptionsException>(() => Read((key, value))).Message;
        message.ShouldContain("Orchestrator:Connections:");
        message.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://orchestrator.example:80", false)]
    public void Only_a_loopback_address_may_go_without_tokens(string url, bool allowed)
    {
        var api = new ApiOptions { Url = new Uri(url) };
        if (allowed) BindRule.Check(api);
        else Should.Throw<OptionsException>(() => BindRule.Check(api)).Message.ShouldContain("TokenFile");
    }
}
