using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>Several sets as one: the pictures and videos that detectors are measured with.</summary>
internal sealed class DetectorSamples(string description, params SampleSet[] sets) : SampleSet
{
    private const int Every = 10;

    public override int Count => sets.Sum(s => s.Count);

    public override string Description => description;

    /// <summary>All pictures, and every tenth frame of both videos.</summary>
    public static DetectorSamples ForMeasuring(EdgeModel model) => new("pictures and frames",
        new PictureSamples(model, Repository.Data("images")), Frames(model, "walking.mp4"), Frames(model, "vtest_8s.mp4"));

    public override string NameOf(int index) => Find(ref index).NameOf(index);

    public override Tensor[] Inputs(int index) => Find(ref index).Inputs(index);

    public override void Dispose()
    {
        foreach (SampleSet set in sets) set.Dispose();
    }

    private static PictureSamples Frames(EdgeModel model, string video) => new(model, Repository.Data("video", video), int.MaxValue, Every);

    private SampleSet Find(ref int index)
    {
        int set = 0;
        while (index >= sets[set].Count) index -= sets[set++].Count;
        return sets[set];
    }
}
