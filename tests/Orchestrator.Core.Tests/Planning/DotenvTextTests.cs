using Orchestrator.Core.Planning;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Planning;

public sealed class DotenvTextTests
{
    [Theory]
    [InlineData("A=1", "A=1")]
    [InlineData("A=1\nB=2\n", "A=1", "B=2")]
    [InlineData("# c\n\n  export A = x y  \n", "A=x y")]
    [InlineData("A=x # note", "A=x")]
    [InlineData("A=x#y", "A=x#y")]
    [InlineData("A='a $B \\n #'  # note", "A=a $B \\n #")]
    [InlineData("A=\"a\\n\\\"b\\\\\\$\"", "A=a\n\"b\\$")]
    [InlineData("A=\"one\ntwo\"\nB=3", "A=one\ntwo", "B=3")]
    [InlineData("A=\r\nB=2\r\n", "A=", "B=2")]
    [InlineData("A=${B}", "A=${B}")]
    [InlineData("\uFEFFA=1", "A=1")]
    [InlineData("")]
    public void Variables_are_read_as_they_stand(string text, params string[] expected)
    {
        DotenvText.TryRead(text, out var variables, out var problem).ShouldBeTrue(problem);
        variables.Select(v => $"{v.Key}={v.Value}").ShouldBe(expected);
    }

    [Theory]
    [InlineData("A=1\nsecret word", "line 2")]
    [InlineData("1A=1", "line 1")]
    [InlineData("=x", "line 1")]
    [InlineData("A=1\nB='open\n", "line 2")]
    [InlineData("A='x' y", "line 1")]
    public void What_is_wrong_names_the_line_and_no_value(string text, string place)
    {
        DotenvText.TryRead(text, out _, out var problem).ShouldBeFalse();
        problem.ShouldContain(place);
        problem.ShouldNotContain("secret");
    }
}
