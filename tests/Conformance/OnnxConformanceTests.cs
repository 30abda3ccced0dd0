using System.Collections.Concurrent;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>ONNX's own test cases, as Debian packages them, through import and session.</summary>
public class OnnxConformanceTests(ITestOutputHelper output)
{
    internal const string Root = "/usr/share/libonnx-testdata/data";

    private static readonly ConcurrentDictionary<string, Lazy<OnnxTestResult>> Results = new();

    /// <summary>The paths of all cases, relative to the root; none where the package is not installed.</summary>
    public static TheoryData<string> Cases =>
        [.. Directory.Exists(Root) ? OnnxTestCase.Find(Root).Select(folder => Path.GetRelativePath(Root, folder)) : []];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Cases))]
    public void Case(string path)
    {
        OnnxTestResult result = Result(path);
        if (KnownGaps.All.TryGetValue(path, out string? reason))
            Assert.True(result.Status != OnnxTestStatus.Passed, $"{path} passes now: remove it from KnownGaps ('{reason}').");
        else
            Assert.True(result.Status == OnnxTestStatus.Passed, $"{path}: {result.Status}: {result.Reason}");
    }

    [Fact]
    public void At_least_1040_cases_pass()
    {
        Assert.SkipUnless(Directory.Exists(Root), "ONNX's test cases are not installed: apt-get install libonnx-testdata.");
        OnnxTestResult[] results = [.. Cases.Select(row => Result(row.Data))];
        int passed = results.Count(r => r.Status == OnnxTestStatus.Passed);
        output.WriteLine($"{passed} of {results.Length} ONNX conformance cases pass, {KnownGaps.All.Count} are known gaps.");
        Assert.True(passed >= 1040, $"{passed} cases pass.");
    }

    [Fact]
    public void Known_gaps_name_existing_cases()
    {
        Assert.SkipUnless(Directory.Exists(Root), "ONNX's test cases are not installed: apt-get install libonnx-testdata.");
        string[] names = [.. Cases.Select(row => row.Data)];
        Assert.Empty(KnownGaps.All.Keys.Except(names));
    }

    /// <summary>Each case runs once, whichever test asks first.</summary>
    private static OnnxTestResult Result(string path) =>
        Results.GetOrAdd(path, p => new Lazy<OnnxTestResult>(() => new OnnxTestCase(Path.Combine(Root, p)).Run())).Value;
}
