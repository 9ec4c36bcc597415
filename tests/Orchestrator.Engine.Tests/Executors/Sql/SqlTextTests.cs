using System.Text;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.TestKit.Postgres;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors.Sql;

/// <summary>What cannot be carried out as it stands is refused before a server is asked.</summary>
public class SqlTextTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("latin1", "offset 20 (line 1)")]
    [InlineData("utf16", "offset 0 (line 1)")]
    [InlineData("cut", "offset 11 (line 2)")]
    public async Task A_file_that_is_not_UTF_8_is_refused_by_name_and_offset(string kind, string where)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var path = Path.Combine(scene.Root, "load.sql");
        await File.WriteAllBytesAsync(path, kind switch
        {
            "latin1" => Encoding.Latin1.GetBytes("select 'cafe au lait\u00e9';"),
            "utf16" => [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("select 1")],
            _ => [.. "select 1;\n-"u8, 0xE2, 0x82],
        }, TestContext.Current.CancellationToken);
        var failed = SqlScene.Failed(await scene.DoAsync(new SqlAction("warehouse") { File = path }));
        failed.Message.ShouldContain($"The file {path} is not UTF-8: the byte at {where}");
        failed.Retryable.ShouldBeFalse();
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_the_first_statement()
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var path = Path.Combine(scene.Root, "load.sql");
        await File.WriteAllBytesAsync(path, [.. Encoding.UTF8.Preamble, .. "create temp table t (v text); insert into t values ('é')"u8], TestContext.Current.CancellationToken);
        (await scene.DoAsync(new SqlAction("warehouse") { File = path })).ShouldBeOfType<TaskOutcome.Succeeded>();
    }

    [Theory]
    [InlineData("copy t (a, b) from stdin")]
    [InlineData("COPY t FROM STDIN WITH (FORMAT csv)")]
    [InlineData("copy (select 1 as \"from stdin\") to stdout")]
    [InlineData("-- rows\ncopy t from /* all */ stdin")]
    [InlineData("copy t to stdin")]
    public async Task COPY_through_the_client_is_refused_before_it_runs(string statement)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        foreach (var action in (SqlAction[])[new("warehouse") { Execute = statement }, new("warehouse") { Query = statement }, new("warehouse") { Transaction = ["create table copied_too (n int)", statement] }])
        {
            var failed = SqlScene.Failed(await scene.DoAsync(action));
            failed.Kind.ShouldNotBe(FailureKind.Panic);
            failed.Message.ShouldStartWith("COPY (line ");
        }
        (await scene.Server.PsqlAsync("select count(*) from pg_tables where tablename = 'copied_too'")).ShouldBe("0");
    }

    [Theory]
    [InlineData("copy (select 'from stdin') to '{0}'")]
    [InlineData("copy (select 1 as stdout) to '{0}'")]
    public async Task COPY_with_a_file_of_the_server_works(string statement)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        var path = $"/tmp/orc-copy-{Guid.NewGuid():N}";
        var outcome = await scene.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, path));
        outcome.ShouldBeOfType<TaskOutcome.Succeeded>();
        File.Delete(path);
    }

    [Theory]
    [InlineData("select 'a\0b'")]
    public async Task A_NUL_is_refused_by_name(string statement)
    {
        await using var scene = await SqlScene.OnAsync(postgres);
        SqlScene.Failed(await scene.QueryAsync(statement)).Message.ShouldContain("NUL");
        SqlScene.Failed(await scene.QueryAsync("select @v::text", new { v = "a\0b" })).Kind.ShouldBe(FailureKind.SqlError);
    }
}
