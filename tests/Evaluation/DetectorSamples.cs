using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>Several sets as one: the pictures and videos that detectors are measured and calibrated with.</summary>
internal sealed class DetectorSamples(string description, params SampleSet[] sets) : SampleSet
{
    private const int Every = 10, CalibrationOffset = 5;

    public override int Count => sets.Sum(s => s.Count);

    public override string Description => description;

    /// <summary>All pictures, and every tenth frame of both videos.</summary>
    public static DetectorSamples ForMeasuring(EdgeModel model) => new("pictures and frames",
        new PictureSamples(model, Repository.Data("images")), Frames(model, "walking.mp4", 0), Frames(model, "vtest_8s.mp4", 0));

    /// <summary>Frames in the middle between those that are measured, whole and in parts, in several colours.</summary>
    public static PictureSamples ForCalibration(EdgeModel model)
    {
        using var frames = new VariedFrames(Every, CalibrationOffset, Repository.Data("video", "walking.mp4"), Repository.Data("video", "vtest_8s.mp4"));
        return new PictureSamples(model, frames, "frames, whole and in parts");
    }

    public override string NameOf(int index) => Find(ref index).NameOf(index);

    public override Tensor[] Inputs(int index) => Find(ref index).Inputs(index);

    public override void Dispose()
    {
        foreach (SampleSet set in sets) set.Dispose();
    }

    private static PictureSamples Frames(EdgeModel model, string video, int first) => new(model, Repository.Data("video", video), int.MaxValue, Every, first);

    private SampleSet Find(ref int index)
    {
        int set = 0;
        while (index >= sets[set].Count) index -= sets[set++].Count;
        return sets[set];
    }
}
