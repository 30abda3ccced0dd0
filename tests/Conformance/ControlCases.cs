using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Choices and loops, whose kernels hold plans.</summary>
internal static class ControlCases
{
    public static IEnumerable<OperatorCase> All
    {
        get
        {
            for (int i = 0; i < 4; i++) yield return new OperatorCase($"if {i}", SmallBodies.Choice(), [new(new TensorType(DataType.Bool)), In(7, 5), In(i % 2 == 0 ? 5 : 1)]);
            foreach (int runs in (int[])[0, 1, 5])
            {
                CaseInput limit = new(new TensorType(DataType.I64), Constant: true, Values: [runs]), other = new(new TensorType(DataType.I64, 2), Values: [3, -4]);
                yield return new OperatorCase($"loop {runs}", SmallBodies.Sum(), [limit, null, In(3, 5), other]);
                yield return new OperatorCase($"loop {runs} over a constant", SmallBodies.Sum(), [limit, null, In(3, 5) with { Constant = true }, other with { Constant = true }]);
            }
            Scan scan = SmallBodies.RunningSum();
            (scan.InputAxes, scan.InputDirections, scan.OutputAxes) = ([1], [1], [-1]);
            yield return new OperatorCase("scan", SmallBodies.RunningSum(), [In(5), In(7, 5), In(5)]);
            yield return new OperatorCase("scan along the last axis, backwards", scan, [In(5), In(5, 7), In(1)]);
        }
    }

    private static CaseInput In(params int[] shape) => new(new TensorType(DataType.F32, shape));
}
