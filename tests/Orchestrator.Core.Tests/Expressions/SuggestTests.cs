using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Expressions;

public sealed class SuggestTests
{
    private static readonly string[] Keys = ["depends_on", "run_when", "timeout", "retry", "env", "exec", "if", "id"];

    [Theory]
    [InlineData("depend_on", "depends_on")]
    [InlineData("depends-on", "depends_on")]
    [InlineData("DependsOn", "depends_on")]
    [InlineData("tiemout", "timeout")]
    [InlineData("retyr", "retry")]
    [InlineData("exce", "exec")]
    [InlineData("Env", "env")]
    [InlineData("i", "if")]
    [InlineData("runwhen", "run_when")]
    public void A_near_miss_finds_the_name_that_was_meant(string wrong, string meant) => Suggest.Closest(wrong, Keys).ShouldBe(meant);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("schedule")]
    [InlineData("something_else_entirely")]
    public void A_name_that_resembles_nothing_suggests_nothing(string wrong) => Suggest.Closest(wrong, Keys).ShouldBeNull();

    [Fact]
    public void A_text_longer_than_any_name_is_not_compared() => Suggest.Closest(new string('a', 1_000_000), Keys).ShouldBeNull();

    [Fact]
    public void The_suggestion_can_be_had_as_a_sentence()
    {
        Suggest.DidYouMean("retyr", Keys).ShouldBe("Did you mean 'retry'?");
        Suggest.DidYouMean("zzz", Keys).ShouldBeEmpty();
    }
}
