using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tests.Media;
using EdgeRuntime.Tools.Evaluation;
using EdgeRuntime.Tools.Evaluation.Sources;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

/// <summary>Sets of samples: read as they are meant, and refused with all that is wrong.</summary>
public class SourceTests : IDisposable
{
    private static readonly byte[] Picture = "P6\n1 1\n255\nabc"u8.ToArray();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Folders_are_classes()
    {
        Put("cat/b.ppm", Picture);
        Put("cat/a.ppm", Picture);
        Put("cat/notes.txt", "no picture"u8);
        Put("dog/c.ppm", Picture);
        Put(".hidden/d.ppm", Picture);
        DataSource source = SourceReaders.Read(folder.Path, Stop);
        Assert.Equal(["cat", "dog"], source.Classes);
        Assert.Equal(["cat/a.ppm", "cat/b.ppm", "dog/c.ppm"], source.Samples.Select(s => s.Name));
        Assert.Equal([0, 0, 1], source.Samples.Select(s => ((ClassTruth)s.Truth!).Class));
        Assert.All(source.Samples, s => Assert.IsType<PictureContent>(s.Content));
    }

    [Fact]
    public void A_folder_without_samples_and_a_class_without_any()
    {
        Fails(folder.Path, "holds no samples");
        Put("cat/a.ppm", Picture);
        Put("dog/notes.md", "x"u8);
        Put("fish/notes.md", "x"u8);
        Fails(folder.Path, "the class 'dog' has no picture", "the class 'fish'");
        Fails(Path.Combine(folder.Path, "nothing"), "There is no file or folder");
        Fails(Path.Combine(folder.Path, "dog/notes.md"), "is no set of samples");
    }

    [Fact]
    public void Held_back_are_the_last_of_each_class_and_chance_is_seeded()
    {
        DataSource source = Numbered();
        Assert.Equal(["line 4", "line 5", "line 6", "line 7"], source.OnlyHeldBack(2).Samples.Select(s => s.Name));
        Assert.Equal(["line 2", "line 3"], source.WithoutHeldBack(2).Samples.Select(s => s.Name));
        Assert.Same(source, source.OnlyHeldBack(0));
        Assert.Equal(3, source.Some(3, 5).Samples.Count);
        Assert.Equal(source.Some(3, 5).Samples, source.Some(3, 5).Samples);
        Assert.Same(source, source.Some(6, 1));
        Assert.Throws<EdgeException>(() => source.WithoutHeldBack(9));
    }

    [Fact]
    public void Tables_of_numbers_of_files_and_of_texts()
    {
        DataSource numbers = Numbered();
        Assert.Equal(["b", "a"], numbers.Classes);
        Assert.Equal([1, 0.5f], ((NumbersContent)numbers.Samples[0].Content).Values);
        Put("in/a.ppm", Picture);
        DataSource files = SourceReaders.Read(Put("files.csv", "label,file\n\"a, or \"\"b\"\"\",in/a.ppm\r\n"u8), Stop);
        Assert.Equal(["a, or \"b\""], files.Classes);
        Assert.Equal(Path.Combine(folder.Path, "in", "a.ppm"), ((PictureContent)files.Samples[0].Content).Path);
        WavFiles.Write(Path.Combine(folder.Path, "s.wav"), 16000, [0, 0]);
        DataSource texts = SourceReaders.Read(Put("texts.csv", "file,text\ns.wav,\"Well, well.\"\n"u8), Stop);
        DataSource sentences = SourceReaders.Read(Put("s.tsv", "on\tturn it on, please\noff\t\"off\n"u8), Stop);
        Assert.Equal(["on", "off"], sentences.Classes);
        Assert.Equal(["turn it on, please", "\"off"], sentences.Samples.Select(s => ((TextContent)s.Content).Text));
        Assert.Equal(["x"], SourceReaders.Read(Put("h.tsv", "text\tlabel\na\tx\n"u8), Stop).Classes);
        Assert.Equal("Well, well.", ((WordsTruth)texts.Samples[0].Truth!).Text);
    }

    [Theory]
    [InlineData("x,y\n1,2\n", "names no column 'file' or 'label'")]
    [InlineData("label,v\n", "has no samples")]
    [InlineData("", "has no samples")]
    [InlineData("label,v\na,1,2\nb,x\n,3\n", "line 2 has 3 values", "line 3 has 'x' for a number", "line 4 has no label")]
    [InlineData("label,v\na,1e99\n", "'1e99'")]
    [InlineData("label,v\na,NaN\n", "'NaN'")]
    [InlineData("label,v\na,\"1", "a quote has no end")]
    [InlineData("label,file\na,../x.ppm\nb,/etc/passwd\nc,no.ppm\nd,", "'../x.ppm', which is no file beside it", "'/etc/passwd', which is no file beside", "'no.ppm', which is not there", "line 5 names ''")]
    public void Tables_that_are_wrong(string table, params string[] words) => Fails(Put("t.csv", System.Text.Encoding.UTF8.GetBytes(table)), words);

    [Fact]
    public void Annotations_of_coco()
    {
        Put("images/1.ppm", Picture);
        Put("2.ppm", Picture);
        DataSource source = SourceReaders.Read(Put("a.json", """
            { "info": {}, "images": [{ "id": 7, "file_name": "1.ppm", "width": 1 }, { "id": 8, "file_name": "2.ppm" }],
              "categories": [{ "id": 3, "name": "dog" }, { "id": 1, "name": "cat" }],
              "annotations": [{ "image_id": 7, "category_id": 1, "bbox": [1, 2, 3.5, 4], "iscrowd": 0, "segmentation": [[1, 2]] }, { "image_id": 7, "category_id": 3, "bbox": [0, 0, 1, 1], "iscrowd": 1 }] }
            """u8), Stop);
        Assert.Equal(["dog", "cat"], source.Classes);
        Assert.Equal([new TrueBox(1, 2, 3.5, 4, 1), new TrueBox(0, 0, 1, 1, 0, TrueBoxKind.Crowd)], ((BoxesTruth)source.Samples[0].Truth!).Boxes);
        Assert.Empty(((BoxesTruth)source.Samples[1].Truth!).Boxes);
        Assert.Equal(Path.Combine(folder.Path, "images", "1.ppm"), ((PictureContent)source.Samples[0].Content).Path);
    }

    [Theory]
    [InlineData("[]", "no annotations in the form of COCO")]
    [InlineData("{", "no annotations in the form of COCO")]
    [InlineData("null", "no annotations in the form of COCO")]
    [InlineData("{}", "names no images", "names no categories")]
    [InlineData("""{ "images": [null], "categories": [{ "id": 1 }, { "id": 2, "name": "a" }, { "id": 2, "name": "b" }] }""", "an image has no id", "a category has no id", "two categories have the id 2")]
    [InlineData("""{ "images": [{ "id": 1, "file_name": "1.ppm" }, { "id": 1, "file_name": "1.ppm" }, { "id": 2, "file_name": "../1.ppm" }, { "id": 3, "file_name": "x.ppm" }], "categories": [{ "id": 1, "name": "a" }] }""",
        "two images have the id 1", "'../1.ppm', which is no file beside it", "'x.ppm', which is not there")]
    [InlineData("""{ "images": [{ "id": 1, "file_name": "1.ppm" }], "categories": [{ "id": 1, "name": "a" }], "annotations": [null, { "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4] }, { "image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4] }, { "image_id": 1, "category_id": 1, "bbox": [1, 2, 3] }, { "image_id": 1, "category_id": 1, "bbox": [1, 2, -3, 4] }, { "image_id": 1, "category_id": 1, "bbox": [1, 2, 1e300, 4] }] }""",
        "annotation 1 has no image_id", "annotation 2 is of the image 2", "annotation 3 is of the category 2", "annotation 4 has the bbox [1, 2, 3]", "annotation 5 has the bbox", "annotation 6 has the bbox")]
    public void Annotations_that_are_wrong(string json, params string[] words)
    {
        Put("1.ppm", Picture);
        Fails(Put("a.json", System.Text.Encoding.UTF8.GetBytes(json)), words);
    }

    [Fact]
    public void Lists_are_bounded() =>
        Fails(Put("a.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "images": [], "annotations": [{ "bbox": [{{string.Join(',', Enumerable.Repeat("0", 9))}}] }] }""")), "more than 8 elements");

    [Fact]
    public void Times_of_speech()
    {
        WavFiles.Write(Path.Combine(folder.Path, "a.wav"), 16000, [0, 0]);
        Put("a.scv", "a,0.000,0.5,0,0.5,1.25,1\n"u8);
        Sample sample = Assert.Single(SourceReaders.Read(folder.Path, Stop).Samples);
        var truth = (SpeechTruth)sample.Truth!;
        Assert.Equal([false, true, null], new bool?[] { truth.At(0), truth.At(0.5), truth.At(1.25) });
        Put("b.scv", "b,0,1"u8);
        Put("a.scv", "a,0,1,0,0.5,2,1"u8);
        Fails(folder.Path, "'b.scv' has no sound", "'a.scv' has 0.5, 2, 1 where start");
        Put("a.scv", "a,0,1"u8);
        Fails(Path.Combine(folder.Path, "a.scv"), "'a.scv' has 3 values");
    }

    [Fact]
    public void What_is_said()
    {
        WavFiles.Write(Path.Combine(folder.Path, "one.wav"), 16000, [0, 0]);
        string file = Put("transcription", "<s> he was not ill </s> (one)\n\nlost words (two)\n"u8);
        Sample sample = Assert.Single(SourceReaders.Read(file, Stop).Samples);
        Assert.Equal(("one.wav", "he was not ill"), (sample.Name, ((WordsTruth)sample.Truth!).Text));
        Fails(Put("transcription", "no name\nwords (../one)\n"u8), "line 1 is no words", "line 2 is no words");
        Fails(Put("transcription", "words (two)\n"u8), "none of the sounds");
    }

    [Fact]
    public void Digits_and_damaged_ones()
    {
        var set = new ZooDataSet { Name = "d", Description = "", License = "", Package = new NpmReference("d", "1", ""), Files = ["0.json", "1.json"], HeldBack = 1 };
        string zeros = string.Join(',', Enumerable.Repeat("0", 783));
        Put("0.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "data": [{{zeros}},0.5,{{zeros}},1] }"""));
        Put("1.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "data": [{{zeros}},0.25] }"""));
        DataSource source = DigitSource.ReadFolder(folder.Path, set);
        Assert.Equal([0, 0, 1], source.Samples.Select(s => ((ClassTruth)s.Truth!).Class));
        Assert.Equal([0.5f, 1, 0.25f], source.Samples.Select(s => ((NumbersContent)s.Content).Values[783]));
        Assert.Equal(["0/1", "1/0"], source.OnlyHeldBack(source.HeldBack).Samples.Select(s => s.Name));
        Put("0.json", "{ \"data\": [1, 2] }"u8);
        Put("1.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "data": [{{zeros}},2] }"""));
        EdgeException error = Assert.Throws<EdgeException>(() => DigitSource.ReadFolder(folder.Path, set));
        Assert.Contains("0.json: it has no data", error.Problem, StringComparison.Ordinal);
        Assert.Contains("1.json: pixel 783", error.Problem, StringComparison.Ordinal);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DataSource Numbered() => SourceReaders.Read(Put("n.csv", "Label,x,y\nb,1,0.5\na,2,0\n\nb,3,0\nb,4,0\na,5,0\na,6,0\n"u8), Stop) is var source
        ? source with { Samples = [.. source.Samples.Select((s, i) => s with { Name = $"line {i + 2}" })] } : source;

    private string Put(string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private void Fails(string spec, params string[] words)
    {
        EdgeException error = Assert.Throws<EdgeException>(() => SourceReaders.Read(spec, Stop));
        Assert.Equal(ErrorCode.CannotRead, error.Code);
        Assert.All(words, word => Assert.Contains(word, error.Problem, StringComparison.Ordinal));
    }
}
