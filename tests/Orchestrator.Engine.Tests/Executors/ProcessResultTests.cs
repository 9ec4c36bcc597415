using Orchestrator.Core;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

public sealed class ProcessResultTests : IDisposable
{
    private readonly AttemptScene _scene = new(new() { OutputLimit = 20_000 });

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task Pairs_heredocs_and_json_lines_are_read_and_the_later_wins()
    {
        var attempt = _scene.Shell("""
            { echo rows=1; echo 'text<<END'; echo 'a=b'; echo; echo '{"x":1}'; echo END; echo 'empty<<E'; echo E
              echo '{"rows": 42, "list": [1, "two"]}'; echo 'eq=a=b<<c'; echo; printf 'last=no newline'; } > "$ORCHESTRATOR_OUTPUT"
            """);
        var outcome = (await _scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Succeeded>();
        outcome.Outputs.Keys.ShouldBe(["empty", "eq", "last", "list", "rows", "text"]);
        outcome.Text("rows").ShouldBe("42");
        outcome.Text("text").ShouldBe("a=b\n\n{\"x\":1}");
        outcome.Text("list").ShouldBe("[1, \"two\"]");
        outcome.Text("eq").ShouldBe("a=b<<c");
        outcome.Text("last").ShouldBe("no newline");
        outcome.OutputsFile.ShouldBeNull();
        Directory.GetFiles(Path.Combine(_scene.RunDirectory, "outputs")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("echo ok=1; echo nonsense", "Line 2 of $ORCHESTRATOR_OUTPUT is malformed: it is neither")]
    [InlineData("echo; echo '9a=1'", "Line 2 of $ORCHESTRATOR_OUTPUT is malformed: a key is")]
    [InlineData("echo 'a<<END'; echo x", "Line 1 of $ORCHESTRATOR_OUTPUT is malformed: the line 'END'")]
    [InlineData("echo '{\"a\": }'", "Line 1 of $ORCHESTRATOR_OUTPUT is malformed: it begins with '{'")]
    [InlineData("printf 'a=\\377\\n'", "Line 1 of $ORCHESTRATOR_OUTPUT is malformed: it is not valid UTF-8")]
    public async Task A_malformed_line_fails_the_attempt_and_is_named(string command, string because) =>
        await Fails(_scene.Shell($"{{ {command}; }} > \"$ORCHESTRATOR_OUTPUT\""), FailureKind.Error, because);

    [Fact]
    public async Task Large_results_go_to_a_file_and_stay_complete_in_memory()
    {
        var outcome = (await _scene.DoAsync(_scene.Shell("echo \"big=$(head -c 5000 /dev/zero | tr '\\0' x)\" > \"$ORCHESTRATOR_OUTPUT\""))).ShouldBeOfType<TaskOutcome.Succeeded>();
        outcome.OutputsFile.ShouldBe("outputs/task-1.json");
        outcome.Text("big").Length.ShouldBe(5000);
        File.ReadAllText(Path.Combine(_scene.RunDirectory, "outputs/task-1.json")).ShouldBe($"{{\"big\":\"{new string('x', 5000)}\"}}");
        outcome.OutputBytes.ShouldBe(5010);
    }

    [Fact]
    public async Task Too_large_results_fail() =>
        await Fails(_scene.Shell("head -c 30000 /dev/zero > \"$ORCHESTRATOR_OUTPUT\""), FailureKind.OutputLimit, "larger than 20000 bytes");

    [Fact]
    public async Task The_last_json_line_of_standard_output_is_taken_and_the_file_wins()
    {
        var attempt = _scene.Shell("echo '{\"a\":1}'; echo '{\"a\":2,\"b\":3}'; echo '{broken'; echo '{\"a\":9}' >&2; echo b=4 > \"$ORCHESTRATOR_OUTPUT\"").ReadingStdout();
        var outcome = await _scene.DoAsync(attempt);
        (outcome.Text("a"), outcome.Text("b")).ShouldBe(("2", "4"));
        File.ReadAllText(_scene.LogOf(attempt)).Split('\n').ShouldContain("{\"a\":9}");
    }

    [Fact]
    public async Task No_or_too_long_a_json_line_fails()
    {
        await Fails(_scene.Shell("echo hello").ReadingStdout(), FailureKind.Error, "No line of standard output is a JSON object");
        await Fails(_scene.Shell("printf '{\"a\":\"'; head -c 30000 /dev/zero | tr '\\0' x; echo '\"}'").ReadingStdout(), FailureKind.OutputLimit, "longer than 20000 bytes");
    }

    [Theory]
    [InlineData("token=a-hunter22-b")]
    [InlineData("{\"token\":{\"deep\":[\"aHVudGVyMjI=\"]}}")]
    public async Task A_secret_in_a_result_fails_naming_the_key_only(string line)
    {
        var failed = await Fails(_scene.Shell($"echo '{line}' > \"$ORCHESTRATOR_OUTPUT\"").WithSecrets("hunter22"), FailureKind.SecretInOutput, "The output 'token' holds a secret");
        failed.Message.ShouldNotContain("hunter");
    }

    private async Task<TaskOutcome.Failed> Fails(TaskAttempt attempt, FailureKind kind, string because)
    {
        var failed = (await _scene.DoAsync(attempt)).ShouldBeOfType<TaskOutcome.Failed>();
        failed.Kind.ShouldBe(kind);
        failed.Message.ShouldContain(because);
        return failed;
    }
}
