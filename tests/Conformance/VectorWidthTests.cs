using System.Diagnostics;
using EdgeRuntime.Tests.RandomGraphs;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>
/// The operator cases and random graphs again on narrower vectors: the process starts itself anew with the switches of .NET that hide parts of the
/// processor, so that what a smaller or another one would run is tested here too.
/// </summary>
public class VectorWidthTests
{
    [Fact]
    public void Cases_pass_without_512_bit_vectors() => RunCases("DOTNET_EnableAVX512", "vectors");

    [Fact]
    public void Cases_pass_with_128_bit_vectors() => RunCases("DOTNET_EnableAVX2", "128-bit vectors");

    [Fact]
    public void Cases_pass_without_vectors() => RunCases("DOTNET_EnableHWIntrinsic", "no vectors");

    private static void RunCases(string offSwitch, string expected)
    {
        string name = Path.Combine(AppContext.BaseDirectory, "EdgeRuntime.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(name) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[offSwitch] = "0";
        start.Environment[OperatorCaseTests.ExpectedVectors] = expected;
        foreach (string argument in (string[])["-noColor", "-class", typeof(OperatorCaseTests).FullName!, "-class", typeof(NumericVectorTests).FullName!, "-class", typeof(RandomGraphTests).FullName!])
            start.ArgumentList.Add(argument);
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        output += errors.Result;
        Assert.True(child.ExitCode == 0, $"{offSwitch}=0:\n{output}");
        Assert.Contains($"Total: {OperatorCases.All.Count + 1 + NumericVectorTests.Count + RandomGraphTests.Count}, Errors: 0, Failed: 0", output, StringComparison.Ordinal);
    }
}
