using EdgeRuntime.Tools.Reference;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Operators for which ONNX's packaged test cases are too old, or which are ONNX Runtime's own, against ONNX Runtime.</summary>
public class ReferenceOperatorTests
{
    public static TheoryData<string> Names => [.. ReferenceCases.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void As_onnx_runtime_has_it(string name)
    {
        Assert.SkipUnless(ReferenceRuntime.IsReady, "ONNX Runtime is not in the cache; `edgert verify MODEL` puts it there.");
        ReferenceCases.All.Single(c => c.Name == name).Compare(ReferenceRuntime.Load(stop: TestContext.Current.CancellationToken));
    }
}
