using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

/// <summary>Mistakes in the keys that rule whole runs, and in handlers; the caret marks where the problem must be reported.</summary>
public sealed class WorkflowProblemTests
{
    private const string Tail = "\nname: a\nsecrets: {S: {env: S}}\nenv: {E: '${{ run.id }}'}\ntasks: [{id: x, noop: true}]\n";

    [Theory]
    [InlineData("concurrency: ^' '", "ORC113", "blank")]
    [InlineData("concurrency: ^{max: 2}", "ORC112", "no `group`")]
    [InlineData("concurrency: {group: g, max: ^0}", "ORC113", "Use 1 to")]
    [InlineData("concurrency: {group: g, on_conflict: ^cancel}", "ORC113", "cancel_running")]
    [InlineData("concurrency: 'g-${{ ^tasks.x.status }}'", "ORC204", "params, schedule and run")]
    [InlineData("concurrency: 'g-${{ ^env.E }}'", "ORC204", "params, schedule and run")]
    [InlineData("concurrency: 'g-${{ ^run.outcome }}'", "ORC204", "before the run starts")]
    [InlineData("priority: ^urgent", "ORC113", "normal, low, high")]
    [InlineData("rank: ^first", "ORC111", "a whole number")]
    [InlineData("sla: ^{}", "ORC112", "no `expected`")]
    [InlineData("retry: ^twice", "ORC111", "a map")]
    [InlineData("retention: ^30d", "ORC111", "a map such as")]
    [InlineData("retention: {age: ^1s}", "ORC113", "Use 1m to")]
    [InlineData("telemetry: ^0.1", "ORC111", "a map such as")]
    [InlineData("telemetry: {sample: ^2}", "ORC113", "0 to 1")]
    [InlineData("retention: {bytes: ^-1}", "ORC113", "not a size")]
    [InlineData("report: ^sometimes", "ORC113", "always, on_failure, never")]
    [InlineData("outputs: {^a b: x}", "ORC113", "name of a result")]
    [InlineData("outputs: {a: '${{ ^tasks.y.outputs.z }}'}", "ORC202", "no task 'y'")]
    [InlineData("outputs: {a: '${{ ^secrets.S }}'}", "ORC205", "journal")]
    [InlineData("outputs: {a: '${{ ^env.E }}'}", "ORC204", "tasks, params, run and schedule")]
    [InlineData("defaults: {pool: ^a b}", "ORC113", "`pool`")]
    [InlineData("defaults: {run_when: ^now}", "ORC113", "`run_when` is `now`")]
    [InlineData("defaults: {env: {A: '${{ ^item }}'}}", "ORC204", "only in a task with `foreach`")]
    [InlineData("handlers: ^[]", "ORC111", "a map such as")]
    [InlineData("handlers: {^on_sucess: []}", "ORC110", "Did you mean 'on_success'?")]
    [InlineData("handlers: {finally: ^{id: y, noop: true}}", "ORC111", "a list of tasks")]
    [InlineData("handlers: {finally: [^{id: y}]}", "ORC112", "does nothing")]
    [InlineData("handlers: {finally: [{id: y, noop: true}], on_failure: [{id: ^y, noop: true}]}", "ORC120", "'y' is defined twice", true)]
    [InlineData("handlers: {finally: [{id: ^x, noop: true}]}", "ORC120", "Handler 'x' is defined twice, first on line 5")]
    [InlineData("handlers: {finally: [{id: y, noop: true, ^depends_on: [x]}]}", "ORC127", "cannot have `depends_on`")]
    [InlineData("handlers: {finally: [{id: y, noop: true, ^foreach: [x]}]}", "ORC127", "one after another")]
    [InlineData("handlers: {finally: [{id: y, noop: true, ^stage: s}]}", "ORC127", "cannot have `stage`")]
    [InlineData("handlers: {finally: [{id: y, noop: true, env: {A: '${{ ^tasks.z.status }}'}}]}", "ORC202", "no task 'z'")]
    [InlineData("handlers: {on_failure: [{id: z, noop: true}], finally: [{id: y, noop: true, env: {A: '${{ ^tasks.z.status }}'}}]}", "ORC202", "tasks cannot use the results of handlers")]
    [InlineData("handlers: {finally: [{id: y, run: 'echo ${{ ^secrets.S }}'}]}", "ORC205", "Pass it by env")]
    public void A_mistake_is_reported_where_it_stands(string keys, string code, string words, bool second = false)
    {
        // In the order of all handlers on_failure comes before finally, wherever it is written.
        if (second) keys = keys.Replace("^y", "y", StringComparison.Ordinal).Replace("finally: [{id: y", "finally: [{id: ^y", StringComparison.Ordinal);
        ProblemTableTests.Only(keys + Tail, code, words);
    }

    [Fact]
    public void An_approval_is_no_handler() =>
        Yaml.Problems("handlers: {finally: [{id: y, approval: Go?}]}" + Tail).ShouldContain(p => p.Contains("ORC127 Handler 'y' cannot have `approval`", StringComparison.Ordinal));
}
