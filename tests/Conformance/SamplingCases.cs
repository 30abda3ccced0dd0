using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Cases of sampling at given places, inside of pictures and around them.</summary>
internal static class SamplingCases
{
    public static IEnumerable<OperatorCase> All
    {
        get
        {
            foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
                foreach (GridPadding padding in Enum.GetValues<GridPadding>())
                    foreach (bool corners in (bool[])[false, true])
                    {
                        var sample = new GridSample { Interpolation = interpolation, Padding = padding, AlignCorners = corners };
                        string name = $"grid sample {interpolation} {padding}{(corners ? " corners" : "")}";
                        foreach (int channels in (int[])[1, 3, 9, 17])
                            yield return new OperatorCase($"{name} {channels}", sample, [In(1, 2, 7, 5, channels), In(1.3f, 2, 11, 3, 2)]);
                        yield return new OperatorCase($"{name} volume", sample, [In(1, 1, 3, 4, 5, 8), In(1.3f, 1, 2, 5, 3, 3)]);
                    }
        }
    }

    private static CaseInput In(float scale, params int[] shape) => new(new TensorType(DataType.F32, shape), Scale: scale);
}
